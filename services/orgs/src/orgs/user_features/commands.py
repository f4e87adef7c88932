"""Changing users' states of features."""

from typing import Any
from uuid import UUID

from chassis.principal import Principal
from chassis.runtime import Runtime
from kernel import Forbidden, NotFound
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from orgs.features.commands import require_assignable
from orgs.organization_features.commands import require_assigner
from orgs.organization_features.schemas import StateChange
from orgs.people import commands as people
from orgs.user_features.schemas import NewUserFeature
from orgs.user_features.states import Place, set_states, take_states

BODY = "/data/attributes"

BELONGS = text("SELECT true FROM memberships WHERE user_id = :user_id AND organization_id = :organization_id")
FIND = text("""
SELECT id FROM user_features WHERE feature_id = :feature_id AND user_id = :user_id
   AND organization_id IS NOT DISTINCT FROM CAST(:organization_id AS uuid)
""")
READ = text("SELECT feature_id, user_id, organization_id FROM user_features WHERE id = :id")


async def create(session: AsyncSession, principal: Principal, runtime: Runtime, new: NewUserFeature) -> UUID:
    """Set a user's state of a feature, in one organization or everywhere; the state's id. Twice changes nothing."""
    await _require(session, principal, new.organization_id, f"{BODY}/organization-id")
    await _check_person(session, runtime, new)
    try:
        forced = await require_assignable(session, principal, new.feature_name, force=new.force)
    except NotFound:
        raise NotFound("There is no such feature.", pointer=f"{BODY}/feature-name") from None
    place = Place(feature_id=new.feature_name, organization_id=new.organization_id, forced=forced)
    await set_states(session, principal, place, [new.user_id], new.state)
    where = {"feature_id": new.feature_name, "user_id": new.user_id, "organization_id": new.organization_id}
    return (await session.execute(FIND, where)).scalar_one()


async def update(session: AsyncSession, principal: Principal, identifier: UUID, change: StateChange) -> None:
    """Set another state."""
    row = await _row(session, principal, identifier)
    forced = await require_assignable(session, principal, row.feature_id, force=change.force)
    place = Place(feature_id=row.feature_id, organization_id=row.organization_id, forced=forced)
    await set_states(session, principal, place, [row.user_id], change.state)


async def delete(session: AsyncSession, principal: Principal, identifier: UUID, *, force: bool) -> None:
    """Take the user's own state away."""
    row = await _row(session, principal, identifier)
    forced = await require_assignable(session, principal, row.feature_id, force=force)
    place = Place(feature_id=row.feature_id, organization_id=row.organization_id, forced=forced)
    await take_states(session, principal, place, [row.user_id])


async def _row(session: AsyncSession, principal: Principal, identifier: UUID) -> Any:
    """The state's row, if the caller may change it. The user themselves may see it and not change it."""
    row = (await session.execute(READ, {"id": identifier})).first()
    if row is None:
        raise NotFound
    own = principal.user_id is not None and row.user_id == principal.user_id
    if row.organization_id is None and not principal.is_support and not own:
        raise NotFound
    await _require(session, principal, row.organization_id, None)
    return row


async def _require(
    session: AsyncSession, principal: Principal, organization_id: UUID | None, pointer: str | None
) -> None:
    if organization_id is not None:
        await require_assigner(session, principal, organization_id, pointer)
    elif not principal.is_support:
        raise Forbidden("Name an organization that you administer.", pointer=pointer)


async def _check_person(session: AsyncSession, runtime: Runtime, new: NewUserFeature) -> None:
    if new.organization_id is None:
        await people.known(session, runtime, new.user_id, f"{BODY}/user-id")
        return
    place = {"user_id": new.user_id, "organization_id": new.organization_id}
    if (await session.execute(BELONGS, place)).first() is None:
        raise NotFound("There is no such person in the organization.", pointer=f"{BODY}/user-id")
