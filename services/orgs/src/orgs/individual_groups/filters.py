"""The filters of the lists of groups, as conditions that indexes serve."""

import operator
from typing import Any
from uuid import UUID

from jsonapi import comparators
from sqlalchemy import ARRAY, Text, Uuid, any_, bindparam, func, literal_column, or_, select, true
from sqlalchemy.ext.asyncio import AsyncSession

from orgs.access.queries import Reach, readable_groups, writable_groups, writable_individuals
from orgs.individual_groups.models import Group, GroupCount, GroupIndividual, GroupStaff
from orgs.individual_groups.schemas import GroupListQuery
from orgs.individuals.models import Individual

SIGNS: dict[str, Any] = {">": operator.gt, "<": operator.lt, ">=": operator.ge, "<=": operator.le}
GRAM = 3
NOTHING: Any = literal_column("false")


class Chosen:
    """Which groups a list shows: conditions that choose, and groups that are left out of what they choose.

    `sort` holds the conditions on what `group_counts` counts by, `picked` all others that choose, `left_out` what
    those conditions choose and the list does not show.
    """

    def __init__(self) -> None:
        """Nothing is chosen or left out yet."""
        self.sort: list[tuple[str, Any]] = []
        self.picked: list[Any] = []
        self.left_out: list[Any] = []
        self.scope: list[UUID] | None = None

    @property
    def conditions(self) -> list[Any]:
        """What rows of groups are held against."""
        return [*self._sorts(Group), *self.picked, *(~condition for condition in self.left_out)]

    def _sorts(self, table: Any) -> list[Any]:
        columns = {"leaf": Group.child_count == 0 if table is Group else GroupCount.is_leaf}
        return [
            (columns[name] if value else ~columns[name]) if name == "leaf" else _same(getattr(table, name), value)
            for name, value in self.sort
        ]

    async def total(self, session: AsyncSession) -> int:
        """How many groups there are in all.

        In organizations where the caller may read everything they are not counted one by one: the kept counts are
        added up, and of those only what is left out is counted.
        """
        if self.picked or self.scope is None:
            return await _count(session, self.conditions)
        kept = select(func.coalesce(func.sum(GroupCount.groups), 0)).where(
            *self._sorts(GroupCount), GroupCount.organization_id == any_(ids(self.scope))
        )
        total = int((await session.execute(kept)).scalar_one())
        if self.left_out and total:
            scoped = Group.organization_id == any_(ids(self.scope))
            total -= await _count(session, [*self._sorts(Group), scoped, or_(*self.left_out)])
        return total


async def chosen(session: AsyncSession, reach: Reach, query: GroupListQuery) -> Chosen:
    """The groups that the caller may read and asks for."""
    found = Chosen()
    found.sort.append(("type", sorted({*query.type})))
    if not query.include_inactive:
        found.sort.append(("is_active", True))
    if query.node_type is not None:
        found.sort.append(("node_type", query.node_type))
    if query.tree_node_type is not None:
        found.sort.append(("leaf", query.tree_node_type == "leaf"))
    _scope(found, reach, query.organization_id)
    found.picked += _facts(query)
    _by_people(found, query)
    if query.eligible_individual_id is not None:
        await _eligible(session, found, reach, query.eligible_individual_id)
    return found


def _scope(found: Chosen, reach: Reach, organization_id: UUID | None) -> None:
    """Of which organizations; those in which the caller may read every group need no other condition."""
    if organization_id is not None:
        found.sort.append(("organization_id", organization_id))
        if reach.everything or organization_id in reach.admin_of:
            found.scope = [organization_id]
            return
    elif not reach.everything and not reach.leads and not reach.member_of:
        found.scope = reach.admin_of
        found.sort.append(("organization_id", reach.admin_of))
        return
    if not reach.everything:
        found.picked.append(readable_groups(reach))
    elif organization_id is None:
        found.picked.append(true())


def _facts(query: GroupListQuery) -> list[Any]:
    found: list[Any] = []
    if query.parent_group_id is not None:
        found.append(Group.parent_id == query.parent_group_id)
    if query.name is not None:
        found.append(Group.name == query.name)
    if query.ids is not None:
        found.append(Group.id == any_(ids(query.ids)))
    if query.tags:
        found.append(Group.tags.bool_op("&&")(_texts(query.tags)))
    if query.text:
        found += _containing(query.text)
    for sign, time in comparators(query.modified, "filter[cmp-last-modified-time]"):
        found.append(SIGNS[sign](Group.updated_at, time))
    return found


def _containing(sought: str) -> list[Any]:
    """Names or tags that contain a text, whatever its case. The index finds those that hold all its pieces."""
    tagged = func.array_to_string(Group.tags, " ").icontains(sought, autoescape=True)
    found = [or_(Group.name.icontains(sought, autoescape=True), tagged)]
    if len(sought) >= GRAM:
        pieces: Any = func.text_grams(func.group_text(Group.name, Group.tags), type_=ARRAY(Text()))
        found.append(pieces.bool_op("@>")(func.text_grams(sought, type_=ARRAY(Text()))))
    return found


def _by_people(found: Chosen, query: GroupListQuery) -> None:
    if query.individual_id is not None:
        found.picked.append(_holds(query.individual_id))
    if query.leader_id is not None:
        led = select(GroupStaff.group_id).where(GroupStaff.kind == "leader", GroupStaff.user_id == query.leader_id)
        found.picked.append(_among(led))
    if query.exclude_individual_id is not None:
        found.left_out.append(_holds(query.exclude_individual_id))
    if query.exclude_ids:
        found.left_out.append(Group.id == any_(ids(query.exclude_ids)))


async def _eligible(session: AsyncSession, found: Chosen, reach: Reach, individual_id: UUID) -> None:
    """Groups that an individual could be put into: of its organization, regular, writable, and not its own already."""
    statement = select(Individual.organization_id).where(Individual.id == individual_id, writable_individuals(reach))
    organization_id = await session.scalar(statement)
    if organization_id is None or reach.everything:
        found.picked.append(NOTHING)
        return
    if organization_id not in reach.admin_of:
        found.picked.append(writable_groups(reach))
    elif found.scope is None:
        found.scope = [organization_id]
    else:
        found.scope = [one for one in found.scope if one == organization_id]
    found.sort += [("organization_id", organization_id), ("type", ["regular"])]
    found.left_out.append(_holds(individual_id))


async def _count(session: AsyncSession, conditions: list[Any]) -> int:
    return (await session.execute(select(func.count()).select_from(Group).where(*conditions))).scalar_one()


def _same(column: Any, value: Any) -> Any:
    """Types and kinds are written out, so that the planner sees which partial index holds them."""
    if isinstance(value, bool):
        return column if value else ~column
    if isinstance(value, UUID):
        return column == value
    if isinstance(value, list) and column.key == "organization_id":
        return column == value[0] if len(value) == 1 else column == any_(ids(value))
    if isinstance(value, list):
        return column.in_([literal_column(f"'{one}'") for one in value])
    return column == literal_column(f"'{value}'")


def _holds(individual_id: UUID) -> Any:
    return _among(select(GroupIndividual.group_id).where(GroupIndividual.individual_id == individual_id))


def _among(groups: Any) -> Any:
    """The groups of a list that is made once, before the rows are looked at."""
    return Group.id == any_(func.array(groups.scalar_subquery(), type_=ARRAY(Uuid())))


def ids(values: list[UUID]) -> Any:
    """A list of ids as one value."""
    return bindparam(None, values, ARRAY(Uuid()), unique=True)


def _texts(values: list[str]) -> Any:
    return bindparam(None, values, ARRAY(Text()), unique=True)
