"""Changing organizations' states of features."""

from typing import Any
from uuid import UUID

from chassis.principal import Principal
from contracts.orgs import FeatureOrganizationChanged
from kernel import NotFound
from messaging import publish
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from orgs.access.queries import require_organization
from orgs.features import history
from orgs.features.commands import require_assignable
from orgs.features.kinds import State
from orgs.organization_features.schemas import NewOrganizationFeature, StateChange

BODY = "/data/attributes"

SET = text("""
INSERT INTO organization_features AS known (id, feature_id, organization_id, state)
VALUES (uuidv7(), :feature_id, :organization_id, :state)
ON CONFLICT (feature_id, organization_id) DO UPDATE
    SET state = excluded.state, updated_at = clock_timestamp() WHERE known.state <> excluded.state
RETURNING old.state AS before
""")
FIND = text(
    "SELECT id FROM organization_features WHERE feature_id = :feature_id AND organization_id = :organization_id"
)
READ = text("SELECT feature_id, organization_id FROM organization_features WHERE id = :id")
DELETE = text("DELETE FROM organization_features WHERE id = :id RETURNING state")


async def create(session: AsyncSession, principal: Principal, new: NewOrganizationFeature) -> UUID:
    """Set an organization's state of a feature; the state's id. Twice changes nothing."""
    await require_assigner(session, principal, new.organization_id, f"{BODY}/organization-id")
    try:
        forced = await require_assignable(session, principal, new.feature_name, force=new.force)
    except NotFound:
        raise NotFound("There is no such feature.", pointer=f"{BODY}/feature-name") from None
    place = {"feature_id": new.feature_name, "organization_id": new.organization_id}
    await _set(session, principal, place, new.state, forced=forced)
    return (await session.execute(FIND, place)).scalar_one()


async def update(session: AsyncSession, principal: Principal, identifier: UUID, change: StateChange) -> None:
    """Set another state."""
    place = await _place(session, principal, identifier)
    forced = await require_assignable(session, principal, place["feature_id"], force=change.force)
    await _set(session, principal, place, change.state, forced=forced)


async def delete(session: AsyncSession, principal: Principal, identifier: UUID, *, force: bool) -> None:
    """Take the organization's own state away."""
    place = await _place(session, principal, identifier)
    forced = await require_assignable(session, principal, place["feature_id"], force=force)
    before = (await session.execute(DELETE, {"id": identifier})).scalar()
    if before is None:
        raise NotFound
    await _tell(session, principal, place, before, None, forced=forced)


async def require_assigner(
    session: AsyncSession, principal: Principal, organization_id: UUID, pointer: str | None = None
) -> None:
    """Raise NotFound or Forbidden unless the caller administers the organization or is of the operator's staff."""
    await require_organization(
        session, principal, organization_id, "read" if principal.is_support else "write", pointer
    )


async def _place(session: AsyncSession, principal: Principal, identifier: UUID) -> dict[str, Any]:
    row = (await session.execute(READ, {"id": identifier})).first()
    if row is None:
        raise NotFound
    await require_assigner(session, principal, row.organization_id)
    return {"feature_id": row.feature_id, "organization_id": row.organization_id}


async def _set(
    session: AsyncSession, principal: Principal, place: dict[str, Any], state: State, *, forced: bool
) -> None:
    changed = (await session.execute(SET, {**place, "state": state})).first()
    if changed is not None:
        await _tell(session, principal, place, changed.before, state, forced=forced)


async def _tell(
    session: AsyncSession,
    principal: Principal,
    place: dict[str, Any],
    before: str | None,
    state: State | None,
    *,
    forced: bool,
) -> None:
    change = history.Change(before=before, after=state, organization_id=place["organization_id"])
    await history.record(session, principal, place["feature_id"], [change], forced=forced)
    await publish(session, FeatureOrganizationChanged(**place, state=state))
