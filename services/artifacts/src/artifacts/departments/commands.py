"""What orgs says of groups."""

from uuid import UUID

from contracts.orgs import GroupCreated, GroupDeleted, GroupMoved, GroupPeopleChanged, GroupUpdated
from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from artifacts.departments.models import Group, GroupPerson
from artifacts.matching import among
from artifacts.organizations.commands import hold
from artifacts.persons.commands import follow_department
from artifacts.profiles.commands import place, place_given


async def create(session: AsyncSession, event: GroupCreated) -> None:
    """A group stands in an organization's forest."""
    values = {
        "id": event.group_id,
        "organization_id": event.organization_id,
        "parent_id": event.parent_id,
        "name": event.name,
        "node_type": event.node_type,
    }
    await session.execute(insert(Group).values(values).on_conflict_do_nothing())


async def change(session: AsyncSession, event: GroupUpdated) -> None:
    """A group's name, kind or standing changed; it may have become a department or ceased to be one."""
    await hold(session, event.organization_id)
    values = {"name": event.name, "node_type": event.node_type, "is_active": event.is_active}
    await session.execute(update(Group).where(Group.id == event.group_id).values(values))
    await place(session, event.organization_id, await _people(session, event.group_id))
    await place_given(session, event.organization_id, event.group_id)
    await follow_department(session, event.organization_id, event.group_id)


async def move(session: AsyncSession, event: GroupMoved) -> None:
    """A group stands under another parent."""
    await session.execute(update(Group).where(Group.id == event.group_id).values(parent_id=event.parent_id))


async def remove(session: AsyncSession, event: GroupDeleted) -> None:
    """A group is gone, and nobody is in it any more."""
    await hold(session, event.organization_id)
    people = await _people(session, event.group_id)
    await session.execute(delete(GroupPerson).where(GroupPerson.group_id == event.group_id))
    await session.execute(delete(Group).where(Group.id == event.group_id))
    await place(session, event.organization_id, people)
    await place_given(session, event.organization_id, event.group_id)


async def change_people(session: AsyncSession, event: GroupPeopleChanged) -> None:
    """Leaders or members came or left."""
    if event.kind == "individual":
        return
    await hold(session, event.organization_id)
    if event.added:
        rows = [{"group_id": event.group_id, "user_id": user, "kind": event.kind} for user in event.added]
        await session.execute(insert(GroupPerson).on_conflict_do_nothing(), rows)
    if event.removed:
        gone = (
            GroupPerson.group_id == event.group_id,
            GroupPerson.kind == event.kind,
            among(GroupPerson.user_id, event.removed),
        )
        await session.execute(delete(GroupPerson).where(*gone))
    await place(session, event.organization_id, [*event.added, *event.removed])


async def _people(session: AsyncSession, group_id: UUID) -> list[UUID]:
    statement = select(GroupPerson.user_id).where(GroupPerson.group_id == group_id).distinct()
    return list(await session.scalars(statement))
