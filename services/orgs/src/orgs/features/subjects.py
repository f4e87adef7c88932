"""For whom features are asked, and whether the caller may ask."""

from uuid import UUID

import msgspec
from chassis.principal import Principal
from kernel import Invalid, NotFound
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from orgs.access.queries import Reach, reach_of, require_organization
from orgs.features.schemas import FeatureQuery
from orgs.individuals import queries as individuals

USER, INDIVIDUAL, ORGANIZATION = "filter[user-id]", "filter[individual-id]", "filter[organization-id]"
PLACES = text("SELECT organization_id FROM memberships WHERE user_id = :user_id ORDER BY organization_id")


class Subject(msgspec.Struct, frozen=True):
    """A user in organizations; without a user an organization itself. [None]: a user in no organization."""

    user_id: UUID | None
    organizations: list[UUID | None]


async def subject_of(session: AsyncSession, principal: Principal, query: FeatureQuery) -> Subject | None:
    """Whom the filters name; None where they name nobody. Raises Invalid, NotFound or Forbidden."""
    if query.user_id is not None and query.individual_id is not None:
        raise Invalid("Ask for a user or an individual.", parameter=INDIVIDUAL)
    if query.individual_id is not None:
        return await _individual(session, principal, query.individual_id, query.organization_id)
    if query.user_id is not None:
        return await _user(session, principal, query.user_id, query.organization_id)
    if query.organization_id is not None:
        await _require_organization(session, principal, query.organization_id)
        return Subject(None, [query.organization_id])
    return None


async def _individual(
    session: AsyncSession, principal: Principal, individual_id: UUID, organization_id: UUID | None
) -> Subject:
    """An individual's own user in the organization that owns the individual."""
    try:
        row = await individuals.require(session, await reach_of(session, principal), individual_id, "read")
    except NotFound:
        raise NotFound("There is no such individual.", parameter=INDIVIDUAL) from None
    if organization_id is not None and row.organization_id != organization_id:
        raise NotFound("The organization has no such individual.", parameter=ORGANIZATION)
    return Subject(row.user_id, [row.organization_id])


async def _user(session: AsyncSession, principal: Principal, user_id: UUID, organization_id: UUID | None) -> Subject:
    """A user in the organizations in which the caller may ask for them."""
    places = list(await session.scalars(PLACES, {"user_id": user_id}))
    reach = await reach_of(session, principal)
    wide = reach.everything or reach.support or user_id == principal.user_id
    seen: list[UUID | None] = [place for place in places if wide or place in reach.admin_of]
    if not wide and not seen:
        raise NotFound("There is no such person.", parameter=USER)
    if organization_id is None:
        return Subject(user_id, seen or [None])
    if organization_id not in seen:
        raise NotFound("There is no such person in the organization.", parameter=_wrong(reach, organization_id))
    return Subject(user_id, [organization_id])


def _wrong(reach: Reach, organization_id: UUID) -> str:
    """The parameter that is wrong, as far as the caller may know."""
    return USER if organization_id in reach.admin_of else ORGANIZATION


async def _require_organization(session: AsyncSession, principal: Principal, organization_id: UUID) -> None:
    try:
        await require_organization(session, principal, organization_id, "read")
    except NotFound:
        raise NotFound("There is no such organization.", parameter=ORGANIZATION) from None
