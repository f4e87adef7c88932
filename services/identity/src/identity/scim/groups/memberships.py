"""Who belongs to groups of a directory, and the roles that come with it. authz gives and takes them when it hears."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from contracts.identity import MemberProvisioned
from messaging import publish_many
from sqlalchemy import delete, func, insert, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from identity.scim import documents
from identity.scim.accounts import SOURCE
from identity.scim.groups.moving import Moves
from identity.scim.models import ScimGroup, ScimGroupMember
from identity.scim.protocol import Problem
from identity.users.models import UserOrganization

KNOWN = text(
    f"SELECT id FROM ({documents.USERS}) AS seen WHERE id = ANY (CAST(:ids AS uuid[]))"  # noqa: S608
)

LEAVE = text("""
    DELETE FROM scim_group_members WHERE group_id = :group_id AND user_id = ANY (CAST(:ids AS uuid[])) RETURNING user_id
""")
COME = text("""
    INSERT INTO scim_group_members (group_id, user_id) SELECT :group_id, unnest(CAST(:ids AS uuid[]))
    ON CONFLICT DO NOTHING RETURNING user_id
""")


async def write(session: AsyncSession, group: ScimGroup, wanted: Collection[UUID], *, anew: bool = False) -> bool:
    """Let exactly these users belong to a locked group. `anew` announces all, after its role has changed.

    Says whether anything changed. Raises Problem for somebody whom the directory does not see.
    """
    present = set(await _of(session, group.id))
    added, removed = set(wanted) - present, present - set(wanted)
    await _check_known(session, group.organization_id, added)
    if added:
        rows = [{"group_id": group.id, "user_id": user_id} for user_id in sorted(added)]
        await session.execute(insert(ScimGroupMember), rows)
    if removed:
        gone = delete(ScimGroupMember).where(ScimGroupMember.group_id == group.id)
        await session.execute(gone.where(ScimGroupMember.user_id.in_(removed)))
    told = [(user_id, False) for user_id in removed]
    told += [(user_id, True) for user_id in (wanted if anew else added)]
    await _announce(session, group.organization_id, group.role, told)
    return bool(added or removed)


async def move(session: AsyncSession, group: ScimGroup, moves: Moves) -> int:
    """Let users come to a locked group and leave it; how many belong to it then. Raises Problem as `write` does."""
    await _check_known(session, group.organization_id, moves.added)
    where = {"group_id": group.id}
    told = [(row, False) for row in await session.scalars(LEAVE, where | {"ids": sorted(moves.removed)})]
    told += [(row, True) for row in await session.scalars(COME, where | {"ids": sorted(moves.added)})]
    await _announce(session, group.organization_id, group.role, told)
    belonging = select(func.count()).where(ScimGroupMember.group_id == group.id)
    return await session.scalar(belonging) or 0


async def take_role(session: AsyncSession, group: ScimGroup) -> None:
    """Take the group's role from all of its members, as it goes or gets another one."""
    everybody = [(user_id, False) for user_id in await _of(session, group.id)]
    await _announce(session, group.organization_id, group.role, everybody)


async def leave_all(session: AsyncSession, organization_id: UUID, user_id: UUID) -> None:
    """Take a user out of every group of an organization; their roles go as they leave it."""
    groups = select(ScimGroup.id).where(ScimGroup.organization_id == organization_id)
    mine = ScimGroupMember.user_id == user_id
    await session.execute(delete(ScimGroupMember).where(mine, ScimGroupMember.group_id.in_(groups)))


async def _of(session: AsyncSession, group_id: UUID) -> list[UUID]:
    statement = select(ScimGroupMember.user_id).where(ScimGroupMember.group_id == group_id)
    return list(await session.scalars(statement))


async def _check_known(session: AsyncSession, organization_id: UUID, users: set[UUID]) -> None:
    if not users:
        return
    values: dict[str, Any] = {"base": "", "organization_id": organization_id, "ids": list(users)}
    if users - set(await session.scalars(KNOWN, values)):
        raise Problem("A member is no user of this directory.")


async def _announce(session: AsyncSession, organization_id: UUID, role: str, told: list[tuple[UUID, bool]]) -> None:
    """Tell of those who are staff; who was deactivated gets the roles with their return."""
    staff = select(UserOrganization.user_id).where(
        UserOrganization.organization_id == organization_id, UserOrganization.user_id.in_([one for one, _ in told])
    )
    present = set(await session.scalars(staff)) if told else set()
    events = [
        MemberProvisioned(
            user_id=user_id,
            organization_id=organization_id,
            source=SOURCE,
            roles=(role,) if given else (),
            left_roles=() if given else (role,),
        )
        for user_id, given in sorted(told)
        if user_id in present
    ]
    await publish_many(session, events)
