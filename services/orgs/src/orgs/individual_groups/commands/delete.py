"""Removing a group."""

from uuid import UUID

from chassis.principal import Principal
from contracts.orgs import GroupDeleted
from kernel import Conflict
from messaging import publish
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from orgs.access.queries import reach_of
from orgs.individual_groups.commands.create import count_child
from orgs.individual_groups.commands.individuals import empty
from orgs.individual_groups.commands.locking import hold, lock_groups, refuse_kept
from orgs.individual_groups.commands.staff import take

CHILD = text("SELECT id FROM individual_groups WHERE parent_id = :id LIMIT 1")
INDIVIDUALS = text("SELECT individual_id FROM group_individuals WHERE group_id = :id ORDER BY individual_id")
STAFF = text("SELECT kind, user_id FROM group_staff WHERE group_id = :id ORDER BY kind, user_id")
DELETE = text("DELETE FROM individual_groups WHERE id = :id")


async def delete(session: AsyncSession, principal: Principal, group_id: UUID) -> None:
    """Remove a group that has no groups below it; its people leave it first. Raises Conflict."""
    organization_id = await hold(session, group_id, alone=True)
    reach = await reach_of(session, principal)
    row = (await lock_groups(session, reach, organization_id, {group_id: None}))[group_id]
    refuse_kept(row)
    if (await session.execute(CHILD, {"id": group_id})).first() is not None:
        raise Conflict("There are groups below it.", code="not-empty")
    individuals = list(await session.scalars(INDIVIDUALS, {"id": group_id}))
    await empty(session, reach, organization_id, group_id, individuals)
    for kind, user_id in (await session.execute(STAFF, {"id": group_id})).all():
        await take(session, principal.user_id, organization_id, group_id, kind, [user_id])
    if row.parent_id is not None and row.is_active:
        await count_child(session, row.parent_id, -1)
    await session.execute(DELETE, {"id": group_id})
    await publish(session, GroupDeleted(group_id=group_id, organization_id=organization_id))
