"""Making a group."""

from typing import Any
from uuid import UUID

from chassis.principal import Principal
from contracts.orgs import GroupCreated
from kernel import Conflict, Invalid, uuid7
from messaging import publish
from sqlalchemy import insert, text
from sqlalchemy.ext.asyncio import AsyncSession

from orgs.access.locks import forest_alone
from orgs.access.queries import reach_of, require_organization
from orgs.individual_groups.commands.individuals import fill
from orgs.individual_groups.commands.locking import lock_groups, refuse_kept
from orgs.individual_groups.commands.staff import put
from orgs.individual_groups.models import DEPTH, Group
from orgs.individual_groups.schemas import NewGroup
from orgs.user_organizations.queries import require_staff

BODY = "/data/attributes"
COUNT_CHILD = text("""
UPDATE individual_groups SET child_count = child_count + :change, updated_at = clock_timestamp() WHERE id = :id
""")


async def create(session: AsyncSession, principal: Principal, new: NewGroup) -> UUID:
    """Make a group: a root for the organization's administrators, below another for who may change that one."""
    if new.type == "provider_only" and new.individual_ids:
        raise Invalid("A group for staff only holds no individuals.", pointer=f"{BODY}/individual-ids")
    need = "write" if new.parent_group_id is None else "read"
    await require_organization(session, principal, new.organization_id, need, f"{BODY}/organization-id")
    await forest_alone(session, new.organization_id)
    reach = await reach_of(session, principal)
    path: list[UUID] = []
    if new.parent_group_id is not None:
        path = await _path_below(session, reach, new.organization_id, new.parent_group_id)
    await require_staff(session, new.organization_id, new.leader_ids, f"{BODY}/leader-ids")
    group_id = uuid7()
    await _insert(session, principal, new, group_id, path)
    await put(session, principal.user_id, new.organization_id, group_id, "leader", list(dict.fromkeys(new.leader_ids)))
    await fill(session, reach, new.organization_id, group_id, new.individual_ids, f"{BODY}/individual-ids")
    return group_id


async def _insert(session: AsyncSession, principal: Principal, new: NewGroup, group_id: UUID, path: list[UUID]) -> None:
    place: dict[str, Any] = {"organization_id": new.organization_id, "parent_id": new.parent_group_id}
    described: dict[str, Any] = {"name": new.name, "node_type": new.node_type, "type": new.type}
    tags = list(dict.fromkeys(new.tags))
    values = {**place, **described, "path": path, "tags": tags, "created_by": principal.user_id}
    await session.execute(insert(Group).values(id=group_id, **values))
    if new.parent_group_id is not None:
        await count_child(session, new.parent_group_id, 1)
    await publish(session, GroupCreated(group_id=group_id, **place, **described))


async def _path_below(session: AsyncSession, reach: Any, organization_id: UUID, parent_id: UUID) -> list[UUID]:
    pointer = f"{BODY}/parent-group-id"
    parent = (await lock_groups(session, reach, organization_id, {parent_id: pointer}))[parent_id]
    refuse_kept(parent, pointer)
    if len(parent.path) + 2 > DEPTH:
        raise Conflict(f"A tree has at most {DEPTH} levels.", pointer=pointer, code="too-deep")
    return [*parent.path, parent_id]


async def count_child(session: AsyncSession, group_id: UUID, change: int) -> None:
    """Add to a group's count of active children."""
    await session.execute(COUNT_CHILD, {"id": group_id, "change": change})
