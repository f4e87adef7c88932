"""Reads of cohorts in the projects dialect."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import msgspec
from kernel import Invalid, NotFound, Page
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from artifacts.cohorts import queries
from artifacts.cohorts.filters.legacy import from_groups
from artifacts.cohorts.models import Cohort
from artifacts.cohorts.projects.schemas import CohortQuery, ProjectCohort, ProjectCohorts, ProjectUser
from artifacts.cohorts.queries import LARGEST_NUMBER, Cohorts, Found, Name
from artifacts.matching import among, contains
from artifacts.profiles.models import Profile

BEHAVIORAL = text("""
cohorts.id NOT IN (
    WITH RECURSIVE found (cohort_id) AS (
        SELECT cohort_id FROM cohort_mentions WHERE organization_id = :organization_id AND kind = 'event'
        UNION
        SELECT m.cohort_id FROM found f
          JOIN cohort_mentions m ON m.organization_id = :organization_id
                                AND m.kind = 'cohort' AND m.name = CAST(f.cohort_id AS text)
    ) SELECT cohort_id FROM found)
""")
"""Nothing that a cohort is made from, directly or through others, asks what persons did."""
CALCULATING = text("""
SELECT c.id FROM cohorts c
 WHERE c.id = ANY(CAST(:cohorts AS uuid[]))
   AND (c.lease_until > clock_timestamp()
     OR (c.pending_version > COALESCE(c.calculated_version, 0)
         AND NOT EXISTS (SELECT 1 FROM cohort_schedules s
                          WHERE s.cohort_id = c.id AND s.failed_version = c.pending_version))
     OR EXISTS (SELECT 1 FROM cohort_imports i WHERE i.cohort_id = c.id))
""")
"""Under way, waiting for a worker, or with a file that is not read to its end."""


async def list_(session: AsyncSession, organization_id: UUID, query: CohortQuery, address: str) -> ProjectCohorts:
    """A page of cohorts that were not deleted, newest first. `address` is the list's own, without parameters."""
    statement = _narrowed(queries.live(organization_id), organization_id, query)
    ordered = statement.order_by(Cohort.created_at.desc(), Cohort.id.desc())
    found = await queries.page(session, ordered, Page(query.limit, query.offset))
    following = query.offset + query.limit
    return ProjectCohorts(
        count=found.total,
        next=_address(address, query, following) if following < found.total else None,
        previous=_address(address, query, max(query.offset - query.limit, 0)) if query.offset > 0 else None,
        results=await _written(session, organization_id, found.rows, query),
    )


def _narrowed(statement: Cohorts, organization_id: UUID, query: CohortQuery) -> Cohorts:
    if query.type is not None:
        statement = statement.where(Cohort.is_static == (query.type == "static"))
    if query.search:
        statement = statement.where(contains(Name.value, query.search))
    if query.created_by_id is not None:
        maker = select(Profile.user_id).where(
            Profile.organization_id == organization_id, Profile.number == query.created_by_id
        )
        statement = statement.where(Cohort.created_by == maker.scalar_subquery())
    if query.hide_behavioral_cohorts:
        statement = statement.where(BEHAVIORAL.bindparams(organization_id=organization_id))
    return statement


async def read(session: AsyncSession, organization_id: UUID, number: int) -> ProjectCohort:
    """A cohort by its integer, also one that was deleted. Raises NotFound."""
    found = await one(session, organization_id, number)
    return (await _written(session, organization_id, [found], CohortQuery()))[0]


async def one(session: AsyncSession, organization_id: UUID, number: int) -> Found:
    """A cohort's row by its integer. Raises NotFound."""
    if number > LARGEST_NUMBER:
        raise NotFound
    statement = queries.of_organization(organization_id).where(Cohort.number == number)
    return await queries.one(session, statement.execution_options(populate_existing=True))


async def _written(
    session: AsyncSession, organization_id: UUID, rows: Sequence[Found], query: CohortQuery
) -> list[ProjectCohort]:
    makers = await _makers(session, organization_id, {row.cohort.created_by for row in rows if row.cohort.created_by})
    chosen = {"cohorts": [row.cohort.id for row in rows]}
    calculating = set(await session.scalars(CALCULATING, chosen)) if rows else set[UUID]()
    return [_cohort(row, makers, query, is_calculating=row.cohort.id in calculating) for row in rows]


def _cohort(row: Found, makers: dict[UUID, ProjectUser], query: CohortQuery, *, is_calculating: bool) -> ProjectCohort:
    cohort = row.cohort
    counted = cohort.is_static or cohort.last_calculation is not None
    written = ProjectCohort(
        id=cohort.number,
        name=row.name,
        description=row.description,
        deleted=cohort.deleted_at is not None,
        version=cohort.calculated_version,
        pending_version=cohort.pending_version,
        is_calculating=is_calculating,
        created_by=makers.get(cohort.created_by) if cohort.created_by else None,
        created_at=cohort.created_at,
        last_calculation=cohort.last_calculation,
        errors_calculating=cohort.errors_calculating,
        last_error_message=cohort.last_error_message,
        count=cohort.member_count if counted else None,
        is_static=cohort.is_static,
        cohort_type=cohort.cohort_type,  # pyright: ignore[reportArgumentType] the column holds nothing else
        experiment_set=cohort.experiment_set,
        search_match_type="exact" if query.search else None,
    )
    if not query.basic:
        written.groups, written.filters, written.query = cohort.groups, _filters(cohort), cohort.query
    return written


def _filters(cohort: Cohort) -> dict[str, Any]:
    """What was stored, else what the legacy groups stand for, else nothing."""
    if cohort.filters:
        return cohort.filters
    try:
        return from_groups(cohort.groups) if cohort.groups else {"properties": {}}
    except Invalid:
        return {"properties": {}}


async def _makers(session: AsyncSession, organization_id: UUID, users: set[UUID]) -> dict[UUID, ProjectUser]:
    """Who made the cohorts of a page, as the organization knows them."""
    if not users:
        return {}
    statement = select(Profile).where(Profile.organization_id == organization_id, among(Profile.user_id, users))
    return {row.user_id: _user(row, row.user_id) for row in await session.scalars(statement) if row.user_id}


def _user(profile: Profile, user_id: UUID) -> ProjectUser:
    return ProjectUser(
        id=profile.number,
        uuid=user_id,
        distinct_id=str(user_id),
        first_name=profile.first_name,
        last_name=profile.last_name,
        email=profile.primary_email,
        is_email_verified=profile.primary_email is not None,
    )


def _address(address: str, query: CohortQuery, offset: int) -> str:
    """The list's address with another offset and the same other parameters."""
    given = {name: value for name, value in msgspec.structs.asdict(query).items() if value not in (None, False)}
    chosen = {name: value for name, value in given.items() if name not in {"limit", "offset"}}
    return f"{address}?{urlencode({**chosen, 'limit': query.limit, 'offset': offset})}"
