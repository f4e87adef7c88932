"""Leaders and members who come to a group and leave it."""

from collections.abc import Sequence
from uuid import UUID

from chassis.principal import Principal
from chassis.runtime import Runtime
from kernel import Invalid
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from orgs.access.queries import reach_of
from orgs.individual_group_logs.commands import record
from orgs.individual_groups.commands.locking import hold, lock_groups
from orgs.individual_groups.events import people_changed
from orgs.individual_groups.models import StaffKind
from orgs.individual_groups.schemas import StaffToAdd, StaffToRemove
from orgs.people.commands import by_email
from orgs.people.queries import staff_with_email
from orgs.user_organizations.queries import require_staff

PUT = text("""
INSERT INTO group_staff (group_id, kind, user_id) SELECT :group_id, :kind, unnest(CAST(:users AS uuid[]))
ON CONFLICT DO NOTHING RETURNING user_id
""")
TAKE = text("""
DELETE FROM group_staff WHERE group_id = :group_id AND kind = :kind AND user_id = ANY(:users) RETURNING user_id
""")
TOUCH = text("UPDATE individual_groups SET updated_at = clock_timestamp() WHERE id = :id")
FORGET = text("""
DELETE FROM group_staff USING individual_groups g
WHERE g.id = group_staff.group_id AND g.organization_id = :organization_id AND user_id = :user_id
RETURNING group_id, kind
""")


async def add_staff(
    session: AsyncSession, principal: Principal, runtime: Runtime, group_id: UUID, kind: StaffKind, change: StaffToAdd
) -> None:
    """Make staff leaders or members of a group, and no longer of `remove_from_group`. Twice changes nothing."""
    organization_id = await hold(session, group_id, alone=False)
    reach = await reach_of(session, principal)
    source = change.remove_from_group if change.remove_from_group != group_id else None
    wanted: dict[UUID, str | None] = {group_id: None} | ({source: "/remove-from-group"} if source else {})
    await lock_groups(session, reach, organization_id, wanted)
    users = await _users(session, runtime, organization_id, change)
    if source:
        await take(session, principal.user_id, organization_id, source, kind, users)
    await put(session, principal.user_id, organization_id, group_id, kind, users)


async def remove_staff(
    session: AsyncSession,
    principal: Principal,
    runtime: Runtime,
    group_id: UUID,
    kind: StaffKind,
    change: StaffToRemove,
) -> None:
    """Take leaders or members out of a group; who is none stays none."""
    organization_id = await hold(session, group_id, alone=False)
    reach = await reach_of(session, principal)
    await lock_groups(session, reach, organization_id, {group_id: None})
    users = await _users(session, runtime, organization_id, change)
    await take(session, principal.user_id, organization_id, group_id, kind, users)


async def forget_staff(session: AsyncSession, actor: UUID | None, organization_id: UUID, user_id: UUID) -> None:
    """Take a user out of all groups of an organization whose forest the transaction holds alone."""
    values = {"organization_id": organization_id, "user_id": user_id}
    for group_id, kind in sorted(tuple(row) for row in await session.execute(FORGET, values)):
        await _announce(session, actor, organization_id, group_id, kind, removed=[user_id])


async def put(
    session: AsyncSession,
    actor: UUID | None,
    organization_id: UUID,
    group_id: UUID,
    kind: StaffKind,
    users: Sequence[UUID],
) -> None:
    """Make users leaders or members of a group that the transaction holds."""
    values = {"group_id": group_id, "kind": kind, "users": list(users)}
    added = list((await session.execute(PUT, values)).scalars())
    await _announce(session, actor, organization_id, group_id, kind, added=added)


async def take(
    session: AsyncSession,
    actor: UUID | None,
    organization_id: UUID,
    group_id: UUID,
    kind: StaffKind,
    users: Sequence[UUID],
) -> None:
    """Make users no longer leaders or members of a group that the transaction holds."""
    values = {"group_id": group_id, "kind": kind, "users": list(users)}
    removed = list((await session.execute(TAKE, values)).scalars())
    await _announce(session, actor, organization_id, group_id, kind, removed=removed)


async def _announce(
    session: AsyncSession,
    actor: UUID | None,
    organization_id: UUID,
    group_id: UUID,
    kind: StaffKind,
    *,
    added: Sequence[UUID] = (),
    removed: Sequence[UUID] = (),
) -> None:
    if added or removed:
        await session.execute(TOUCH, {"id": group_id})
        await record(session, organization_id, group_id, kind, actor, added=added, removed=removed)
        await people_changed(session, group_id, organization_id, kind, added=added, removed=removed)


async def _users(session: AsyncSession, runtime: Runtime, organization_id: UUID, change: StaffToRemove) -> list[UUID]:
    """The staff whom a request names. Raises Problems or NotFound naming who is not of the organization."""
    if not change.user_ids and not change.user_emails:
        raise Invalid("Name at least one person.", pointer="/user-ids", code="required")
    await require_staff(session, organization_id, change.user_ids, "/user-ids")
    users = list(dict.fromkeys(change.user_ids))
    for index, email in enumerate(change.user_emails):
        user = await staff_with_email(session, organization_id, email)
        if user is None:
            user = await by_email(session, runtime, email, f"/user-emails/{index}")
            await require_staff(session, organization_id, [user], "/user-emails")
        users.append(user)
    return list(dict.fromkeys(users))
