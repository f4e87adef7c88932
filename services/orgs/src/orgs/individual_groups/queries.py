"""Reading groups."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from chassis.principal import Principal
from kernel import NotFound, Slice
from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from orgs.access.queries import Need, Reach, reach_of, readable_groups, refuse, writable_groups
from orgs.individual_groups.filters import chosen
from orgs.individual_groups.models import Group
from orgs.individual_groups.people import IN_LISTS, IN_READS, People, embedded
from orgs.individual_groups.schemas import (
    Embedding,
    GroupAttributes,
    GroupListQuery,
    ParentGroup,
    PeopledGroupAttributes,
    PeopledGroupListQuery,
)

Parent = aliased(Group)
COLUMNS = (
    Group.id,
    Group.name,
    Group.node_type,
    Group.type,
    Group.tags,
    Group.is_active,
    Group.organization_id,
    Group.parent_id,
    Parent.name.label("parent_name"),
    Group.child_count,
    Group.individuals_count,
    Group.updated_at,
)


async def read(
    session: AsyncSession, principal: Principal, group_id: UUID, *, inactive: bool = False
) -> GroupAttributes:
    """One group that the caller may read, without its people. An inactive one only where `inactive` asks for it."""
    reach = await reach_of(session, principal)
    row = await _one(session, reach, group_id)
    if not row.is_active and not inactive:
        raise NotFound
    return GroupAttributes(**_own(row))


async def read_peopled(
    session: AsyncSession,
    principal: Principal,
    group_id: UUID,
    *,
    with_individuals: bool = False,
    with_members: bool = False,
) -> PeopledGroupAttributes:
    """One group that the caller may read, with its people."""
    reach = await reach_of(session, principal)
    row = await _one(session, reach, group_id)
    people = await embedded(session, [group_id], IN_READS, individuals=with_individuals, members=with_members)
    return _peopled(row, people[group_id])


async def after_change(
    session: AsyncSession, principal: Principal, group_id: UUID, asked: Embedding
) -> PeopledGroupAttributes:
    """A group for who has just changed it, even if they may not read it any more."""
    row = (await session.execute(_rows(await reach_of(session, principal)).where(Group.id == group_id))).one()
    wanted = {"individuals": asked.with_individuals, "members": asked.with_members}
    people = await embedded(session, [group_id], IN_READS, **wanted)
    return _peopled(row, people[group_id])


async def require(session: AsyncSession, reach: Reach, group_id: UUID, need: Need, pointer: str | None = None) -> Any:
    """A group's row: id, organization, path, type, individuals_count.

    Raises NotFound or Forbidden; `pointer` names its place in the request.
    """
    statement = select(
        Group.id,
        Group.organization_id,
        Group.path,
        Group.type,
        Group.individuals_count,
        readable_groups(reach).label("readable"),
        writable_groups(reach).label("writable"),
    ).where(Group.id == group_id)
    row = (await session.execute(statement)).first()
    if row is None:
        raise NotFound("There is no such group.", pointer=pointer)
    if not (row.readable if need == "read" else row.writable):
        raise refuse(reach, row.organization_id, row.readable, "group", pointer)
    return row


async def facts(session: AsyncSession, group_id: UUID) -> Any:
    """A group's organization and type, or None; who asks has been let through already."""
    return (await session.execute(select(Group.organization_id, Group.type).where(Group.id == group_id))).first()


async def list_(
    session: AsyncSession, principal: Principal, query: GroupListQuery
) -> Slice[tuple[UUID, GroupAttributes]]:
    """A page of the groups that the caller may read, in the order in which they were made; no people."""
    reach = await reach_of(session, principal)
    total, rows = await _page(session, reach, query)
    return Slice([(row.id, GroupAttributes(**_own(row))) for row in rows], total, query.page)


async def list_peopled(
    session: AsyncSession, principal: Principal, query: PeopledGroupListQuery
) -> Slice[tuple[UUID, PeopledGroupAttributes]]:
    """The same with leaders, and with individuals where asked for."""
    reach = await reach_of(session, principal)
    total, rows = await _page(session, reach, query)
    ids = [row.id for row in rows]
    people = await embedded(session, ids, IN_LISTS, individuals=query.with_individuals, members=False)
    return Slice([(row.id, _peopled(row, people[row.id])) for row in rows], total, query.page)


async def _one(session: AsyncSession, reach: Reach, group_id: UUID) -> Any:
    statement = _rows(reach).add_columns(readable_groups(reach).label("readable")).where(Group.id == group_id)
    row = (await session.execute(statement)).first()
    if row is None:
        raise NotFound
    if not row.readable:
        raise refuse(reach, row.organization_id, False, "group", None)
    return row


async def _page(session: AsyncSession, reach: Reach, query: GroupListQuery) -> tuple[int, Sequence[Any]]:
    shown = await chosen(session, reach, query)
    total = await shown.total(session)
    if total <= query.offset:
        return total, ()
    page = select(Group.id).where(*shown.conditions).order_by(Group.id).limit(query.limit).offset(query.offset)
    found = page.subquery()
    rows = await session.execute(_rows(reach).join(found, found.c.id == Group.id).order_by(Group.id))
    return total, rows.all()


def _rows(reach: Reach) -> Select[*tuple[Any, ...]]:
    statement = select(*COLUMNS, writable_groups(reach).label("can_write"))
    return statement.outerjoin(Parent, Parent.id == Group.parent_id)


def _own(row: Any) -> dict[str, Any]:
    return {
        "name": row.name,
        "node_type": row.node_type,
        "type": row.type,
        "tags": row.tags,
        "is_active": row.is_active,
        "organization_id": row.organization_id,
        "parent_group": ParentGroup(row.parent_id, row.parent_name) if row.parent_id else None,
        "child_count": row.child_count,
        "individuals_count": row.individuals_count,
        "last_modified_time": row.updated_at,
    }


def _peopled(row: Any, people: People) -> PeopledGroupAttributes:
    return PeopledGroupAttributes(
        **_own(row),
        self_can_write=row.can_write,
        leader_ids=[leader.id for leader in people.leaders],
        leaders=people.leaders,
        individual_ids=people.individual_ids,
        individuals=people.individuals,
        members=people.members,
    )
