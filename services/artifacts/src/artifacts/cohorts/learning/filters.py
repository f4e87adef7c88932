"""What the parameters of a list ask of its cohorts."""

import operator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from kernel import Invalid, parse_prefixed_ulid
from sqlalchemy import ColumnElement, false, func

from artifacts.cohorts.learning.completed import percentage
from artifacts.cohorts.learning.identifiers import COHORT, GROUP
from artifacts.cohorts.learning.lifecycle import status_at
from artifacts.cohorts.learning.schemas import CohortQuery
from artifacts.cohorts.models import Cohort
from artifacts.cohorts.queries import Name
from artifacts.matching import holds

EQUAL: dict[str, Any] = {
    "app_id": Cohort.app_id,
    "created_by": Cohort.created_by,
    "updated_by": Cohort.updated_by,
    "source": Cohort.source,
    "source_type": Cohort.source_type,
    "deleted_by": Cohort.deleted_by,
    "schema_version": Cohort.schema_version,
    "program_id": Cohort.program_id,
    "name": Name.value,
    "session_count": Cohort.session_count,
    "completion_required_pct": Cohort.completion_required_pct,
    "version": Cohort.version,
}
TIMES: dict[str, Any] = {
    "created_at": Cohort.created_at,
    "updated_at": Cohort.updated_at,
    "deleted_at": Cohort.deleted_at,
    "start_date": Cohort.start_date,
    "end_date": Cohort.end_date,
}
SIGNS = {">=": operator.ge, "<=": operator.le, ">": operator.gt, "<": operator.lt}
LARGEST = 2**31 - 1


def conditions(organization_id: UUID, query: CohortQuery, at: datetime) -> list[ColumnElement[bool]]:
    """What a cohort of the organization needs to be in the list. Raises Invalid."""
    needed = [column == value for name, column in EQUAL.items() if (value := getattr(query, name)) is not None]
    if any(isinstance(value := getattr(query, name), int) and abs(value) > LARGEST for name in EQUAL):
        needed.append(false())
    for name, column in TIMES.items():
        needed += [sign(column, moment) for sign, moment in moments(getattr(query, name), name)]
    needed += [holds(Cohort.tags, tag) for tag in query.tag]
    needed += [holds(Cohort.facilitator_ids, one) for one in query.facilitator_id]
    return [*needed, *_computed(organization_id, query, at)]


def _computed(organization_id: UUID, query: CohortQuery, at: datetime) -> list[ColumnElement[bool]]:
    """Conditions on what does not stand in a column as it is shown."""
    needed: list[ColumnElement[bool]] = []
    if query.id is not None:
        needed.append(_identified(query.id))
    if query.tenant_id is not None and query.tenant_id != str(organization_id):
        needed.append(false())
    if query.group_id is not None:
        needed.append(func.coalesce(Cohort.group_id, func.concat(GROUP, Cohort.id)) == query.group_id)
    if query.status is not None:
        needed.append(status_at(at) == query.status)
    if query.current_completion_pct is not None:
        needed.append(percentage() == query.current_completion_pct)
    asks_deleted = query.deleted_by is not None or bool(query.deleted_at)
    is_deleted = asks_deleted if query.is_deleted is None else query.is_deleted
    needed.append(Cohort.deleted_at.is_not(None) if is_deleted else Cohort.deleted_at.is_(None))
    return needed


def moments(values: list[str], parameter: str) -> list[tuple[Any, datetime]]:
    """Comparisons with times; without a comparator it is equality. Raises Invalid."""
    found: list[tuple[Any, datetime]] = []
    for value in values:
        sign = next((sign for sign in SIGNS if value.startswith(sign)), "")
        try:
            moment = datetime.fromisoformat(value.removeprefix(sign).strip().replace(" ", "+"))
        except ValueError:
            raise Invalid("Give an RFC 3339 time, after <, <=, > or >= if wanted.", parameter=parameter) from None
        found.append((SIGNS.get(sign, operator.eq), moment if moment.tzinfo else moment.replace(tzinfo=UTC)))
    return found


def _identified(text: str) -> ColumnElement[bool]:
    try:
        return Cohort.id == parse_prefixed_ulid(COHORT, text)
    except ValueError:
        return false()
