"""Giving an individual another owner, and who owned it before."""

from typing import Any
from uuid import UUID

from chassis.principal import Principal
from chassis.runtime import Runtime
from contracts.orgs import IndividualUpdated, OrganizationUserRemoved
from kernel import Conflict, Forbidden, Slice
from messaging import publish
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from orgs.access.locks import forest_alone
from orgs.access.queries import reach_of
from orgs.individual_group_logs.commands import record
from orgs.individual_groups.commands import take_in
from orgs.individual_groups.commands.kept import count
from orgs.individual_groups.events import people_changed
from orgs.individuals.commands import require_owner
from orgs.individuals.queries import require
from orgs.individuals.schemas import NewOwner, OwnerAttributes, OwnerQuery
from orgs.user_organizations import commands as memberships

POINTER = "/owner-id"

PLACE = text("SELECT organization_id FROM individuals WHERE id = :id")
REMEMBER = text("""
INSERT INTO individual_owners (id, individual_id, owner_type, owner_id, since, until, changed_by)
SELECT uuidv7(), id, owner_type, owner_id, owned_since, clock_timestamp(), :changed_by FROM individuals WHERE id = :id
""")
GIVE = text("""
UPDATE individuals SET owner_type = :owner_type, owner_id = :owner_id, organization_id = :organization_id,
       owned_since = clock_timestamp(), updated_at = clock_timestamp()
WHERE id = :id
""")
LEAVE_GROUPS = text("""
DELETE FROM group_individuals USING individual_groups g
WHERE g.id = group_individuals.group_id AND individual_id = :id RETURNING g.id, g.organization_id, g.type
""")
LEAVE = text("""
DELETE FROM memberships WHERE organization_id = :organization_id AND user_id = :user_id AND account_type = 'patient'
RETURNING id
""")
FORGET = text(
    "UPDATE memberships SET individual_id = NULL WHERE organization_id = :organization_id AND individual_id = :id"
)
OWNERS = text("""
SELECT id, owner_id, owner_type, owned_since AS since, NULL::timestamptz AS until, NULL::uuid AS changed_by
FROM individuals WHERE id = :id
""")
FORMER = text("""
SELECT id, owner_id, owner_type, since, until, changed_by
FROM individual_owners WHERE individual_id = :id ORDER BY id DESC LIMIT :limit OFFSET :offset
""")
FORMER_COUNT = text("SELECT count(*) FROM individual_owners WHERE individual_id = :id")


async def transfer_ownership(
    session: AsyncSession, principal: Principal, runtime: Runtime, individual_id: UUID, new: NewOwner
) -> None:
    """Give an individual another owner: out of the groups of the former one, into the kept groups of the new one.

    Both are the caller's to decide for: an administrator of either organization, or the owning user. Raises NotFound,
    Forbidden, or Conflict where another transfer was faster.
    """
    owned = await require_owner(session, principal, runtime, new.owner_id, POINTER)
    target = new.owner_id if owned else None
    source = (await session.execute(PLACE, {"id": individual_id})).scalar()
    for place in sorted({place for place in (source, target) if place is not None}):
        await forest_alone(session, place)
    row = await _held(session, principal, individual_id)
    if row.owner_id == new.owner_id:
        return
    if row.organization_id != source:
        raise Conflict("The individual has just got another owner; look again.")
    await _leave(session, principal, row)
    await session.execute(REMEMBER, {"id": individual_id, "changed_by": principal.user_id})
    owner: dict[str, Any] = {"owner_id": new.owner_id, "owner_type": "organization" if owned else "user"}
    await session.execute(GIVE, {"id": individual_id, "organization_id": target, **owner})
    told = IndividualUpdated(individual_id=individual_id, user_id=row.user_id, organization_id=target, **owner)
    await publish(session, told)
    if target is not None:
        await take_in(session, target, [individual_id])
        if row.user_id is not None:
            await memberships.add_participant(session, target, row.user_id, individual_id)


async def owners(
    session: AsyncSession, principal: Principal, individual_id: UUID, query: OwnerQuery
) -> Slice[tuple[UUID, OwnerAttributes]]:
    """A page of an individual's owners, the present one first."""
    await require(session, await reach_of(session, principal), individual_id, "read")
    values: dict[str, Any] = {"id": individual_id}
    total = 1 + (await session.execute(FORMER_COUNT, values)).scalar_one()
    first = list(await session.execute(OWNERS, values)) if query.offset == 0 else []
    window = {"limit": query.limit - len(first), "offset": max(query.offset - 1, 0)}
    rows = [*first, *await session.execute(FORMER, {**values, **window})]
    return Slice([(row.id, _attributes(row)) for row in rows], total, query.page)


async def _held(session: AsyncSession, principal: Principal, individual_id: UUID) -> Any:
    """The individual's row, locked, if it is the caller's to give away."""
    reach = await reach_of(session, principal)
    row = await require(session, reach, individual_id, "read", lock=True)
    owns = row.owner_type == "user" and row.owner_id == principal.user_id
    if not (owns or reach.everything or row.organization_id in reach.admin_of):
        raise Forbidden("Only the owner may give an individual away.")
    return row


async def _leave(session: AsyncSession, principal: Principal, row: Any) -> None:
    for group in (await session.execute(LEAVE_GROUPS, {"id": row.id})).all():
        await count(session, group.id, -1)
        if group.type == "regular":
            await record(session, group.organization_id, group.id, "individual", principal.user_id, removed=[row.id])
        await people_changed(session, group.id, group.organization_id, "individual", removed=[row.id])
    if row.organization_id is None or row.user_id is None:
        return
    place = {"organization_id": row.organization_id, "user_id": row.user_id}
    if (await session.execute(LEAVE, place)).first() is not None:
        await publish(session, OrganizationUserRemoved(**place))
    await session.execute(FORGET, {"organization_id": row.organization_id, "id": row.id})


def _attributes(row: Any) -> OwnerAttributes:
    return OwnerAttributes(row.owner_id, row.owner_type, row.since, row.until, row.changed_by)
