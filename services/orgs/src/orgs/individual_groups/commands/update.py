"""Changing a group's own facts and its leaders."""

from typing import Any
from uuid import UUID

import msgspec
from chassis.principal import Principal
from contracts.orgs import GroupUpdated
from messaging import publish
from msgspec import UNSET
from sqlalchemy import func, text
from sqlalchemy import update as sql_update
from sqlalchemy.ext.asyncio import AsyncSession

from orgs.access.queries import reach_of
from orgs.individual_groups.commands.create import count_child
from orgs.individual_groups.commands.locking import hold, lock_groups, refuse_kept
from orgs.individual_groups.commands.staff import put, take
from orgs.individual_groups.models import Group
from orgs.individual_groups.schemas import GroupChanges
from orgs.user_organizations.queries import require_staff

BODY = "/data/attributes"
LEADERS = text("SELECT user_id FROM group_staff WHERE group_id = :id AND kind = 'leader'")


async def update(session: AsyncSession, principal: Principal, group_id: UUID, changes: GroupChanges) -> None:
    """Change what is given; `leader_ids` replaces the leaders."""
    sort = changes.is_active is not UNSET or changes.node_type is not UNSET
    organization_id = await hold(session, group_id, alone=sort)
    reach = await reach_of(session, principal)
    row = (await lock_groups(session, reach, organization_id, {group_id: None}))[group_id]
    values: dict[str, Any] = {
        name: value
        for name, value in msgspec.structs.asdict(changes).items()
        if value is not UNSET and name != "leader_ids"
    }
    if values.keys() - {"tags"}:
        refuse_kept(row, BODY)
    if "tags" in values:
        values["tags"] = list(dict.fromkeys(values["tags"]))
    if values:
        await _set(session, row, organization_id, values)
    if changes.leader_ids is not UNSET:
        await _replace_leaders(session, principal.user_id, organization_id, group_id, changes.leader_ids)


async def _set(session: AsyncSession, row: Any, organization_id: UUID, values: dict[str, Any]) -> None:
    statement = sql_update(Group).where(Group.id == row.id).values(**values, updated_at=func.clock_timestamp())
    await session.execute(statement.execution_options(synchronize_session=False))
    active = values.get("is_active", row.is_active)
    if row.parent_id is not None and active != row.is_active:
        await count_child(session, row.parent_id, 1 if active else -1)
    told = {"name": values.get("name", row.name), "node_type": values.get("node_type", row.node_type)}
    await publish(session, GroupUpdated(group_id=row.id, organization_id=organization_id, **told, is_active=active))


async def _replace_leaders(
    session: AsyncSession, actor: UUID | None, organization_id: UUID, group_id: UUID, wanted: list[UUID]
) -> None:
    present = set(await session.scalars(LEADERS, {"id": group_id}))
    await require_staff(session, organization_id, wanted, f"{BODY}/leader-ids")
    gone = sorted(present - set(wanted))
    if gone:
        await take(session, actor, organization_id, group_id, "leader", gone)
    await put(session, actor, organization_id, group_id, "leader", list(dict.fromkeys(wanted)))
