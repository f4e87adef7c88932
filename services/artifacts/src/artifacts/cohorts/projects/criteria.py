"""What a cohort is made from: filters, legacy groups or a query; what goes together, and what type follows."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec
from kernel import Invalid
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from artifacts.cohorts.calculations.commands import check_references
from artifacts.cohorts.filters import Group, cohort_type, has_leaf, references
from artifacts.cohorts.filters.legacy import from_groups, normalised
from artifacts.cohorts.filters.parsing import effective, parse
from artifacts.cohorts.models import Cohort
from artifacts.cohorts.projects.bodies import Written

QUERY_KINDS = ("ActorsQuery", "HogQLQuery")
DYNAMIC_QUERY = "Cannot create a dynamic cohort with a query. Set is_static to true."
BOTH = "Cannot set both query and filters at the same time."
ANY_DYNAMIC = frozenset({"realtime"})
"""Types that say how a dynamic cohort is calculated, not from what."""
NAMED = text("""
SELECT number, is_static, filters, groups, query FROM cohorts
 WHERE organization_id = :organization_id AND number = ANY(CAST(:numbers AS bigint[])) AND deleted_at IS NULL
""")


class Criteria(msgspec.Struct, frozen=True, kw_only=True):
    """What a cohort is made from after a write. `group` is what it is calculated from."""

    is_static: bool
    groups: list[dict[str, Any]]
    filters: dict[str, Any] | None
    query: dict[str, Any] | None
    group: Group

    @property
    def columns(self) -> dict[str, Any]:
        """As the cohort's row holds them."""
        return {"is_static": self.is_static, "groups": self.groups, "filters": self.filters, "query": self.query}

    @property
    def are_there(self) -> bool:
        """Whether anybody could come of them."""
        return self.query is not None or has_leaf(self.group)


def of_new(written: Written) -> Criteria:
    """The criteria of a new cohort; legacy groups stand there in full. Raises Invalid."""
    groups = normalised(written.groups) if written.said("groups") else []
    return _criteria(written, written.is_static is True, groups, None, None)


def of_change(written: Written, cohort: Cohort) -> Criteria:
    """The criteria of a cohort after a change; legacy groups stand there as sent. Raises Invalid."""
    is_static = written.is_static if isinstance(written.is_static, bool) else cohort.is_static
    groups = written.groups if isinstance(written.groups, list) else cohort.groups
    filters = cohort.filters
    if written.said("groups") and not written.said("filters") and groups:
        filters = None  # who sends groups means them, and stored filters would win
    query = cohort.query if is_static else None
    return _criteria(written, is_static, groups, filters, query)


def _criteria(written: Written, is_static: bool, groups: list[dict[str, Any]], filters: Any, query: Any) -> Criteria:
    if written.said("query"):
        query = _query(written.query)
    if written.said("filters"):
        filters = _filters(written.filters, is_static=is_static)
    if query is not None and not is_static:
        raise Invalid(DYNAMIC_QUERY, pointer="query")
    if written.said("groups") and groups:
        from_groups(groups)  # raises
    group = effective(filters, groups)
    if query is not None and has_leaf(group):
        raise Invalid(BOTH, pointer="query")
    return Criteria(is_static=is_static, groups=groups, filters=filters, query=query, group=group)


def _filters(given: Any, *, is_static: bool) -> dict[str, Any] | None:
    """Filters as they are kept: as sent."""
    if given is None or (given == {} and is_static):
        return None
    parse(given, is_static=is_static)
    if not isinstance(given, dict):
        raise Invalid("filters must be an object.", pointer="filters")
    return given  # pyright: ignore[reportUnknownVariableType]


def _query(given: Any) -> dict[str, Any] | None:
    if given is None:
        return None
    if not isinstance(given, dict):
        raise Invalid("Query must be a dictionary.", pointer="query")
    query: dict[str, Any] = given  # pyright: ignore[reportUnknownVariableType]
    if query.get("kind") not in QUERY_KINDS:
        raise Invalid(f"Query must be an ActorsQuery or HogQLQuery. Got: {query.get('kind')}", pointer="query")
    return query


async def check(
    session: AsyncSession, organization_id: UUID, criteria: Criteria, cohort_type_: Any, cohort_id: UUID | None = None
) -> None:
    """Hold criteria against the organization's other cohorts, and a type against the criteria. Raises Invalid."""
    if not criteria.is_static:
        await check_references(session, organization_id, cohort_id, criteria.group)
    if cohort_type_ is None or cohort_type_ is msgspec.UNSET:
        return
    expected = await type_of(session, organization_id, criteria)
    if cohort_type_ != expected and not (cohort_type_ in ANY_DYNAMIC and not criteria.is_static):
        raise Invalid(
            f"Cohort type '{cohort_type_}' does not match the filters. Expected type: '{expected}'",
            pointer="cohort_type",
        )


async def type_of(session: AsyncSession, organization_id: UUID, criteria: Criteria) -> str:
    """The type that follows from criteria; a nested cohort contributes its own."""
    if criteria.is_static:
        return "static"
    if criteria.query is not None:
        return "analytical"
    nested = await _nested(session, organization_id, references(criteria.group))
    known: dict[int, str] = {}
    return cohort_type(criteria.group, {number: _type(number, nested, known) for number in nested})


def _type(number: int, nested: dict[int, str | Group], known: dict[int, str]) -> str:
    """The type of a nested cohort; `known` holds those that were asked for before. There are no loops."""
    if number not in known:
        found = nested.get(number, "static")
        if isinstance(found, Group):
            found = cohort_type(found, {one: _type(one, nested, known) for one in references(found)})
        known[number] = found
    return known[number]


async def _nested(session: AsyncSession, organization_id: UUID, numbers: set[int]) -> dict[int, str | Group]:
    """Cohorts that are named, directly or through others: the type of a plain one, else what it is made from."""
    found: dict[int, str | Group] = {}
    wanted = set(numbers)
    while wanted:
        values = {"organization_id": organization_id, "numbers": sorted(wanted)}
        rows: Sequence[Any] = (await session.execute(NAMED, values)).all()
        for row in rows:
            found[row.number] = "static" if row.is_static else effective(row.filters, row.groups)
        groups = [found[row.number] for row in rows]
        wanted = {one for group in groups if isinstance(group, Group) for one in references(group)} - found.keys()
    return found
