"""Reads of cohorts in the projects dialect."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from kernel import NotFound, Page, now
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from artifacts.cohorts import queries
from artifacts.cohorts.models import Cohort
from artifacts.cohorts.projects.schemas import CohortQuery, ProjectCohort, ProjectCohorts, ProjectUser
from artifacts.cohorts.queries import LARGEST_NUMBER, Found, Name
from artifacts.matching import among, contains
from artifacts.profiles.models import Profile


async def list_(session: AsyncSession, organization_id: UUID, query: CohortQuery, address: str) -> ProjectCohorts:
    """A page of cohorts that were not deleted, newest first. `address` is the list's own, without parameters."""
    statement = queries.live(organization_id).order_by(Cohort.created_at.desc(), Cohort.id.desc())
    if query.type is not None:
        statement = statement.where(Cohort.is_static == (query.type == "static"))
    if query.search:
        statement = statement.where(contains(Name.value, query.search))
    if query.created_by_id is not None:
        maker = select(Profile.user_id).where(
            Profile.organization_id == organization_id, Profile.number == query.created_by_id
        )
        statement = statement.where(Cohort.created_by == maker.scalar_subquery())
    found = await queries.page(session, statement, Page(query.limit, query.offset))
    results = await _written(session, organization_id, found.rows, search=query.search)
    following = query.offset + query.limit
    return ProjectCohorts(
        count=found.total,
        next=_address(address, query, following) if following < found.total else None,
        previous=_address(address, query, max(query.offset - query.limit, 0)) if query.offset > 0 else None,
        results=results,
    )


async def read(session: AsyncSession, organization_id: UUID, number: int) -> ProjectCohort:
    """A cohort by its integer, also one that was deleted. Raises NotFound."""
    if number > LARGEST_NUMBER:
        raise NotFound
    found = await queries.one(session, queries.of_organization(organization_id).where(Cohort.number == number))
    return (await _written(session, organization_id, [found]))[0]


async def _written(
    session: AsyncSession, organization_id: UUID, rows: Sequence[Found], *, search: str | None = None
) -> list[ProjectCohort]:
    makers = await _makers(session, organization_id, {row.cohort.created_by for row in rows if row.cohort.created_by})
    return [_cohort(row, makers, search) for row in rows]


def _cohort(row: Found, makers: dict[UUID, ProjectUser], search: str | None) -> ProjectCohort:
    cohort = row.cohort
    counted = cohort.is_static or cohort.last_calculation is not None
    return ProjectCohort(
        id=cohort.number,
        name=row.name,
        description=row.description,
        groups=cohort.groups,
        deleted=cohort.deleted_at is not None,
        filters=cohort.filters or {"properties": {}},
        query=cohort.query,
        version=cohort.calculated_version,
        pending_version=cohort.pending_version,
        is_calculating=cohort.lease_until is not None and cohort.lease_until > now(),
        created_by=makers.get(cohort.created_by) if cohort.created_by else None,
        created_at=cohort.created_at,
        last_calculation=cohort.last_calculation,
        errors_calculating=cohort.errors_calculating,
        last_error_message=cohort.last_error_message,
        count=cohort.member_count if counted else None,
        is_static=cohort.is_static,
        cohort_type=cohort.cohort_type,  # pyright: ignore[reportArgumentType] the column holds nothing else
        experiment_set=cohort.experiment_set,
        search_match_type="exact" if search else None,
    )


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
    given: dict[str, Any] = {
        "type": query.type,
        "created_by_id": query.created_by_id,
        "search": query.search,
        "limit": query.limit,
        "offset": offset,
    }
    return f"{address}?{urlencode({name: value for name, value in given.items() if value is not None})}"
