"""Moving a group and all below it."""

from typing import Any
from uuid import UUID

from chassis.principal import Principal
from contracts.orgs import GroupMoved
from kernel import Conflict
from messaging import publish
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from orgs.access.queries import reach_of, require_organization
from orgs.individual_groups.commands.create import count_child
from orgs.individual_groups.commands.locking import hold, lock_groups, refuse_kept
from orgs.individual_groups.models import DEPTH
from orgs.tasks.commands import record_done

POINTER = "/to-parent-group-id"

DEEPEST = text(
    "SELECT coalesce(max(cardinality(path)), 0) FROM individual_groups WHERE path @> ARRAY[CAST(:id AS uuid)]"
)
REWRITE = text("""
UPDATE individual_groups
SET path = CAST(:path AS uuid[]) || path[:skip :],
    parent_id = CASE WHEN id = :id THEN CAST(:parent_id AS uuid) ELSE parent_id END,
    updated_at = CASE WHEN id = :id THEN clock_timestamp() ELSE updated_at END
WHERE id = :id OR path @> ARRAY[CAST(:id AS uuid)]
""")


async def move_group(session: AsyncSession, principal: Principal, group_id: UUID, parent_id: UUID | None) -> UUID:
    """Move a group, with all below it, under another or to the root; the id of the finished task.

    The forest is held alone, so two moves that would make a cycle together come one after the other. Raises Conflict
    for a cycle or a level too many.
    """
    organization_id = await hold(session, group_id, alone=True)
    reach = await reach_of(session, principal)
    wanted: dict[UUID, str | None] = {group_id: None} | ({parent_id: POINTER} if parent_id else {})
    groups = await lock_groups(session, reach, organization_id, {**wanted, group_id: None})
    group, parent = groups[group_id], groups[parent_id] if parent_id else None
    if parent is None:
        await require_organization(session, principal, organization_id, "write", POINTER)
    path = path_below(group, parent)
    moved = 0
    if group.parent_id != parent_id:
        moved = await _move(session, group, parent_id, path)
        await publish(session, GroupMoved(group_id=group_id, organization_id=organization_id, parent_id=parent_id))
    result = {"group-id": str(group_id), "to-parent-group-id": str(parent_id) if parent_id else None, "moved": moved}
    return await record_done(session, organization_id, "move-group", principal.user_id, result)


def path_below(group: Any, parent: Any) -> list[UUID]:
    """The path that a group would have below another, or at the root for None. Raises Conflict, for a cycle too."""
    refuse_kept(group)
    if parent is None:
        return []
    refuse_kept(parent, POINTER)
    if parent.id == group.id or group.id in parent.path:
        raise Conflict("A group cannot stand below itself.", pointer=POINTER, code="cycle")
    return [*parent.path, parent.id]


async def require_levels(session: AsyncSession, group: Any, path: list[UUID]) -> None:
    """Raise Conflict where the group and what is below it would go too deep at that path."""
    deepest = await session.scalar(DEEPEST, {"id": group.id}) or 0
    height = max(deepest - len(group.path), 0)
    if len(path) + 1 + height > DEPTH:
        raise Conflict(f"A tree has at most {DEPTH} levels.", pointer=POINTER, code="too-deep")


async def _move(session: AsyncSession, group: Any, parent_id: UUID | None, path: list[UUID]) -> int:
    """Rewrite the subtree's paths in one statement; how many groups moved."""
    await require_levels(session, group, path)
    values = {"id": group.id, "parent_id": parent_id, "path": path, "skip": len(group.path) + 1}
    moved: Any = await session.execute(REWRITE, values)
    if group.is_active:
        for place, change in ((group.parent_id, -1), (parent_id, 1)):
            if place is not None:
                await count_child(session, place, change)
    return moved.rowcount
