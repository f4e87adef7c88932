"""What a cohort is calculated from."""

from typing import Any

import msgspec
from chassis.runtime import Runtime
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from artifacts import hogql
from artifacts.cohorts.filters import has_leaf, references
from artifacts.cohorts.filters.compiling import whole
from artifacts.cohorts.filters.parsing import effective
from artifacts.cohorts.filters.values import Statement

DELETED = text("""
SELECT number FROM cohorts
 WHERE organization_id = :organization_id AND number = ANY(CAST(:numbers AS bigint[])) AND deleted_at IS NOT NULL
 ORDER BY number
""")
THESE = "SELECT id FROM unnest($1::uuid[]) AS one (id)"


class Source(msgspec.Struct, frozen=True):
    """A SELECT of persons' `id`; None where a static cohort has nothing to be calculated from."""

    statement: Statement | None
    warning: str | None = None


async def of(runtime: Runtime, session: AsyncSession, cohort: Any) -> Source:
    """What a row of `cohorts` is calculated from. A query is asked at once, where it can only read.

    Raises Unsupported and other DomainErrors with a text for people.
    """
    if cohort.is_static and cohort.query is not None:
        return Source(Statement(THESE, (await hogql.person_ids(runtime, cohort.query, cohort.organization_id),)))
    group = effective(cohort.filters, cohort.groups)
    if cohort.is_static and not has_leaf(group):
        return Source(None)
    return Source(whole(group, cohort.organization_id), await _warning(session, cohort, references(group)))


async def _warning(session: AsyncSession, cohort: Any, numbers: set[int]) -> str | None:
    if not numbers:
        return None
    values = {"organization_id": cohort.organization_id, "numbers": sorted(numbers)}
    deleted = [str(one) for one in await session.scalars(DELETED, values)]
    return f"Nobody counts as being in cohorts that were deleted: {', '.join(deleted)}." if deleted else None
