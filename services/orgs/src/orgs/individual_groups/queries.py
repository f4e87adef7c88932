"""Reading groups."""

from typing import Any
from uuid import UUID

from chassis.principal import Principal
from chassis.runtime import Runtime
from database import Bookmarks, Templates, Way
from kernel import NotFound, Slice
from sqlalchemy import Select, Uuid, bindparam, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from orgs.access.queries import (
    Need,
    Reach,
    reach_at,
    reach_of,
    readable_groups,
    refuse,
    writable_groups,
    writable_individuals,
)
from orgs.individual_groups.filters import Eligible, Shape, page_of, shape_of, total_of
from orgs.individual_groups.models import Group
from orgs.individual_groups.people import IN_LISTS, IN_READS, People, at, embedded, of
from orgs.individual_groups.schemas import (
    Embedding,
    GroupAttributes,
    GroupListQuery,
    ParentGroup,
    PeopledGroupAttributes,
    PeopledGroupListQuery,
)
from orgs.individuals.models import Individual

TEMPLATES = Templates()
BOOKMARKS = Bookmarks()
GROUP_ID = Group.id == bindparam("group", type_=Uuid())
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
    return GroupAttributes(*_columns(row))


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
    people = await embedded(of(session), [group_id], IN_READS, individuals=with_individuals, members=with_members)
    return _peopled(row, people[group_id])


async def after_change(
    session: AsyncSession, principal: Principal, group_id: UUID, asked: Embedding
) -> PeopledGroupAttributes:
    """A group for who has just changed it, even if they may not read it any more."""
    row = (await session.execute(_rows(await reach_of(session, principal)).where(Group.id == group_id))).one()
    wanted = {"individuals": asked.with_individuals, "members": asked.with_members}
    people = await embedded(of(session), [group_id], IN_READS, **wanted)
    return _peopled(row, people[group_id])


async def require(session: AsyncSession, reach: Reach, group_id: UUID, need: Need, pointer: str | None = None) -> Any:
    """A group's row: id, organization, path, type, individuals_count.

    Raises NotFound or Forbidden; `pointer` names its place in the request.
    """
    row = (await session.execute(_required(reach).where(Group.id == group_id))).first()
    return _checked(row, reach, need, pointer)


async def facts(session: AsyncSession, group_id: UUID) -> Any:
    """A group's organization and type, or None; who asks has been let through already."""
    return (await session.execute(select(Group.organization_id, Group.type).where(Group.id == group_id))).first()


async def list_(runtime: Runtime, principal: Principal, query: GroupListQuery) -> Slice[tuple[UUID, GroupAttributes]]:
    """A page of the groups that the caller may read, in the order in which they were made; no people."""
    total, rows = await _page(runtime, await reach_at(runtime, principal), query)
    return Slice([(row[0], GroupAttributes(*_columns(row))) for row in rows], total, query.page)


async def list_peopled(
    runtime: Runtime, principal: Principal, query: PeopledGroupListQuery
) -> Slice[tuple[UUID, PeopledGroupAttributes]]:
    """The same with leaders, and with individuals where asked for."""
    total, rows = await _page(runtime, await reach_at(runtime, principal), query)
    ids = [row[0] for row in rows]
    people = await embedded(at(runtime), ids, IN_LISTS, individuals=query.with_individuals, members=False)
    return Slice([(row[0], _peopled(row, people[row[0]])) for row in rows], total, query.page)


async def readable(runtime: Runtime, principal: Principal, group_id: UUID) -> Any:
    """`group_at` for who may read the group."""
    return await group_at(runtime, await reach_at(runtime, principal), group_id, "read")


async def group_at(runtime: Runtime, reach: Reach, group_id: UUID, need: Need) -> Any:
    """The same as `require`, outside of any transaction."""
    template = TEMPLATES.get(("group", reach.shape), lambda: _required(reach).where(GROUP_ID))
    rows = await runtime.row.all(template.sql, *template.values(reach.values | {"group": group_id}))
    return _checked(rows[0] if rows else None, reach, need, None)


def _required(reach: Reach) -> Select[*tuple[Any, ...]]:
    return select(
        Group.id,
        Group.organization_id,
        Group.path,
        Group.type,
        Group.individuals_count,
        Group.updated_at,
        readable_groups(reach).label("readable"),
        writable_groups(reach).label("writable"),
    )


def _checked(row: Any, reach: Reach, need: Need, pointer: str | None) -> Any:
    if row is None:
        raise NotFound("There is no such group.", pointer=pointer)
    if not (row.readable if need == "read" else row.writable):
        raise refuse(reach, row.organization_id, row.readable, "group", pointer)
    return row


async def _one(session: AsyncSession, reach: Reach, group_id: UUID) -> Any:
    statement = _rows(reach).add_columns(readable_groups(reach).label("readable")).where(Group.id == group_id)
    row = (await session.execute(statement)).first()
    if row is None:
        raise NotFound
    if not row.readable:
        raise refuse(reach, row.organization_id, False, "group", None)
    return row


async def _page(runtime: Runtime, reach: Reach, query: GroupListQuery) -> tuple[int, list[Any]]:
    organization_id, eligible = await _eligible(runtime, reach, query.eligible_individual_id)
    shape, values = shape_of(reach, query, eligible)
    values["eligible_organization"] = organization_id
    total, version = await _total(runtime, reach, shape, values)
    if total <= query.offset:
        return total, []
    plain = Way(None, backwards=False, skip=query.offset, take=query.limit)
    if version is None:
        return total, await _rows_at(runtime, reach, shape, values, plain)
    key = (shape, query.organization_id or tuple(reach.admin_of), version)
    way = BOOKMARKS.way(key, query.offset, query.limit, total)
    rows = await _rows_at(runtime, reach, shape, values, way)
    if way.backwards and (await _total(runtime, reach, shape, values))[1] != version:
        return total, await _rows_at(runtime, reach, shape, values, plain)
    if rows:
        BOOKMARKS.note(key, query.offset, len(rows), rows[0][0], rows[-1][0])
    return total, rows


async def _total(runtime: Runtime, reach: Reach, shape: Shape, values: dict[str, Any]) -> tuple[int, int | None]:
    """How many groups a list has, and a number that changes whenever the list does, where there is one."""
    template = TEMPLATES.get(("total", shape), lambda: total_of(shape, reach))
    total, *version = (await runtime.row.all(template.sql, *template.values(values)))[0]
    return int(total), int(version[0]) if version else None


async def _rows_at(runtime: Runtime, reach: Reach, shape: Shape, values: dict[str, Any], way: Way) -> list[Any]:
    form = (shape, way.start is None, way.backwards)
    template = TEMPLATES.get(("page", *form), lambda: _page_of(shape, reach, way))
    asked = values | {"start": way.start, "skip": way.skip, "take": way.take}
    return await runtime.row.all(template.sql, *template.values(asked))


def _page_of(shape: Shape, reach: Reach, way: Way) -> Any:
    found = page_of(shape, reach, way).subquery()
    return _rows(reach).join(found, found.c.id == Group.id).order_by(Group.id)


async def _eligible(runtime: Runtime, reach: Reach, individual_id: UUID | None) -> tuple[UUID | None, Eligible | None]:
    """The organization of an individual whom the caller may change, and to which of its groups they may bring it."""
    if individual_id is None:
        return None, None
    if reach.everything:
        return None, "nowhere"
    template = TEMPLATES.get(("individual", reach.shape), lambda: _writable_individual(reach))
    rows = await runtime.row.all(template.sql, *template.values(reach.values | {"individual": individual_id}))
    organization_id = rows[0][0] if rows else None
    if organization_id is None:
        return None, "nowhere"
    return organization_id, "own" if organization_id in reach.admin_of else "writable"


def _writable_individual(reach: Reach) -> Any:
    one = Individual.id == bindparam("individual", type_=Uuid())
    return select(Individual.organization_id).where(one, writable_individuals(reach))


def _rows(reach: Reach) -> Select[*tuple[Any, ...]]:
    statement = select(*COLUMNS, writable_groups(reach).label("can_write"))
    return statement.outerjoin(Parent, Parent.id == Group.parent_id)


def _columns(row: Any) -> tuple[Any, ...]:
    """A group's attributes in their order, from a row of `COLUMNS`."""
    parent = ParentGroup(row[7], row[8]) if row[7] else None
    return row[1], row[2], row[3], row[4], row[5], row[6], parent, row[9], row[10], row[11]


def _peopled(row: Any, people: People) -> PeopledGroupAttributes:
    return PeopledGroupAttributes(
        *_columns(row),
        self_can_write=row[12],
        leader_ids=[leader.id for leader in people.leaders],
        leaders=people.leaders,
        individual_ids=people.individual_ids,
        individuals=people.individuals,
        members=people.members,
    )
