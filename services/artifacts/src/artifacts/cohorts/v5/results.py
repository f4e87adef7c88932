"""Items of the v5 dialect as the core takes them, and what became of them as the dialect says it."""

from typing import Any

from artifacts.cohorts.resolving import Wanted
from artifacts.cohorts.v5.schemas import CohortResultItem, CreateCohortItem, DeleteCohortResult, UpdateCohortItem
from artifacts.outcomes import Outcome, Problem
from artifacts.v5.schemas import FieldError


def wanted(item: CreateCohortItem | UpdateCohortItem) -> Wanted:
    """An item as the core takes it."""
    shared = set(Wanted.__struct_fields__) & set(type(item).__struct_fields__)
    given: dict[str, Any] = {name: getattr(item, name) for name in shared}
    given |= {"flag_id": item.flag_id or item.active_flag_id, "is_active": item.active_flag}
    if isinstance(item, UpdateCohortItem):
        given["id"] = item.cohort_id
    return Wanted(**given)


def result(outcome: Outcome, done: str) -> CohortResultItem:
    """What became of an item; `done` is what would have been: created, updated."""
    errors = [_error(problem) for problem in outcome.problems]
    message = f"The cohort was not {done}." if errors else f"The cohort was {done}."
    return CohortResultItem(success=not errors, cohort_id=outcome.id, message=message, errors=errors)


def deleted(outcome: Outcome) -> DeleteCohortResult:
    """What became of an item that was to be deleted."""
    message = outcome.problems[0].message if outcome.problems else "The cohort was deleted."
    assert outcome.id is not None  # noqa: S101 it was named
    return DeleteCohortResult(success=not outcome.problems, cohort_id=outcome.id, message=message)


def _error(problem: Problem) -> FieldError:
    return FieldError(problem.field, problem.message)
