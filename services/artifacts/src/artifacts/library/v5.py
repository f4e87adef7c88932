"""What all answers about the library have in common in the v5 dialect."""

from artifacts.library.queries import Filters, Option
from artifacts.outcomes import Outcome
from artifacts.v5.schemas import FieldError, ListFilterOption, ListFilterSection


def section(options: list[Option], filters: Filters, search: str) -> ListFilterSection:
    """The filter by department."""
    shown = [ListFilterOption(id=str(one.id), name=one.name, count=one.count) for one in options]
    return ListFilterSection(shown, [str(one) for one in filters.department_ids or ()], search)


def told(outcome: Outcome, what: str, done: str) -> tuple[bool, str, list[FieldError]]:
    """Whether an item succeeded, a sentence, and what was wrong."""
    errors = [FieldError(problem.field, problem.message) for problem in outcome.problems]
    return not errors, f"The {what} was {'not ' if errors else ''}{done}.", errors
