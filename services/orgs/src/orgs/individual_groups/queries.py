"""Reading groups."""

import operator
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from chassis.principal import Principal
from jsonapi import comparators
from kernel import NotFound, Slice
from sqlalchemy import ARRAY, Select, Text, Uuid, any_, bindparam, exists, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from orgs.access.queries import Need, Reach, reach_of, readable_groups, refuse, writable_groups, writable_individuals
from orgs.individual_groups.models import Group, GroupIndividual, GroupStaff
from orgs.individual_groups.people import IN_LISTS, IN_READS, People, embedded
from orgs.individual_groups.schemas import (
    Embedding,
    GroupAttributes,
    GroupListQuery,
    ParentGroup,
    PeopledGroupAttributes,
    PeopledGroupListQuery,
)
from orgs.individuals.models import Individual

SIGNS: dict[str, Any] = {">": operator.gt, "<": operator.lt, ">=": operator.ge, "<=": operator.le}
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
    """A group's row (id, organization, path, type). Raises NotFound or Forbidden; `pointer` names its place."""
    statement = select(
        Group.id,
        Group.organization_id,
        Group.path,
        Group.type,
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
    chosen = select(Group.id).where(readable_groups(reach), *_filters(reach, query))
    total = (await session.execute(select(func.count()).select_from(chosen.subquery()))).scalar_one()
    if total <= query.offset:
        return total, ()
    page = chosen.order_by(Group.id).limit(query.limit).offset(query.offset).subquery()
    rows = await session.execute(_rows(reach).join(page, page.c.id == Group.id).order_by(Group.id))
    return total, rows.all()


def _rows(reach: Reach) -> Select[*tuple[Any, ...]]:
    statement = select(*COLUMNS, writable_groups(reach).label("can_write"))
    return statement.outerjoin(Parent, Parent.id == Group.parent_id)


def _filters(reach: Reach, query: GroupListQuery) -> list[Any]:
    found: list[Any] = [Group.type == any_(_texts([*query.type]))]
    if not query.include_inactive:
        found.append(Group.is_active)
    equal = {
        Group.organization_id: query.organization_id,
        Group.parent_id: query.parent_group_id,
        Group.node_type: query.node_type,
        Group.name: query.name,
    }
    found += [column == value for column, value in equal.items() if value is not None]
    if query.ids is not None:
        found.append(Group.id == any_(_ids(query.ids)))
    if query.exclude_ids:
        found.append(~(Group.id == any_(_ids(query.exclude_ids))))
    if query.tags:
        found.append(Group.tags.bool_op("&&")(_texts(query.tags)))
    if query.text:
        tagged = func.array_to_string(Group.tags, " ").icontains(query.text, autoescape=True)
        found.append(or_(Group.name.icontains(query.text, autoescape=True), tagged))
    if query.tree_node_type is not None:
        found.append(Group.child_count == 0 if query.tree_node_type == "leaf" else Group.child_count > 0)
    for sign, time in comparators(query.modified, "filter[cmp-last-modified-time]"):
        found.append(SIGNS[sign](Group.updated_at, time))
    return found + _filters_by_people(reach, query)


def _filters_by_people(reach: Reach, query: GroupListQuery) -> list[Any]:
    found: list[Any] = []
    if query.individual_id is not None:
        found.append(_holds(query.individual_id))
    if query.exclude_individual_id is not None:
        found.append(~_holds(query.exclude_individual_id))
    if query.leader_id is not None:
        led = (GroupStaff.kind == "leader") & (GroupStaff.user_id == query.leader_id)
        found.append(exists().where(GroupStaff.group_id == Group.id, led))
    if query.eligible_individual_id is not None:
        same = (Individual.id == query.eligible_individual_id) & (Individual.organization_id == Group.organization_id)
        found += [
            Group.type == "regular",
            writable_groups(reach),
            ~_holds(query.eligible_individual_id),
            exists().where(same, writable_individuals(reach)).correlate(Group),
        ]
    return found


def _holds(individual_id: UUID) -> Any:
    held = GroupIndividual.individual_id == individual_id
    return exists().where(GroupIndividual.group_id == Group.id, held)


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


def _ids(values: list[UUID]) -> Any:
    return bindparam(None, values, ARRAY(Uuid()), unique=True)


def _texts(values: list[str]) -> Any:
    return bindparam(None, values, ARRAY(Text()), unique=True)
