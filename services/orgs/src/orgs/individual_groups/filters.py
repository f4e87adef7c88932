"""Which groups a list shows: its filters as conditions that indexes serve, with their values by name."""

import operator
import re
from collections.abc import Iterator
from typing import Any, Literal

import msgspec
from database import Way
from jsonapi import comparators
from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Integer,
    Text,
    Uuid,
    any_,
    bindparam,
    false,
    func,
    literal_column,
    not_,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import TIMESTAMP

from orgs.access.queries import Reach, readable_groups, writable_groups
from orgs.individual_groups.models import Group, GroupCount, GroupIndividual, GroupStaff, GroupText
from orgs.individual_groups.schemas import GroupListQuery

SIGNS: dict[str, Any] = {">": operator.gt, "<": operator.lt, ">=": operator.ge, "<=": operator.le}
GRAM = 3
SPECIAL = re.compile(r"([/%_])")
FACTS = ("parent", "name", "ids", "tags", "text", "individual", "leader")
Eligible = Literal["nowhere", "own", "writable"]
"""Where an individual could be put: nowhere, in any regular group of its organization, or where the caller may."""


class Shape(msgspec.Struct, frozen=True):
    """What the form of a list's statements follows from; the values come apart.

    `counted`: the caller may read all groups of the organizations that are meant, so kept counts tell how many.
    """

    reach: tuple[bool, ...]
    types: tuple[str, ...]
    active: bool
    node_type: str | None
    leaf: bool | None
    place: Literal["one", "own", "all"]
    counted: bool
    facts: tuple[str, ...]
    signs: tuple[str, ...]
    left_out: tuple[str, ...]
    eligible: Eligible | None


def shape_of(reach: Reach, query: GroupListQuery, eligible: Eligible | None) -> tuple[Shape, dict[str, Any]]:
    """The form of a list's statements, and their values."""
    times = comparators(query.modified, "filter[cmp-last-modified-time]")
    given = {
        "organization": query.organization_id,
        "parent": query.parent_group_id,
        "name": query.name,
        "ids": query.ids,
        "tags": query.tags or None,
        "text": query.text or None,
        "individual": query.individual_id,
        "leader": query.leader_id,
        "excluded_individual": query.exclude_individual_id,
        "excluded_ids": query.exclude_ids or None,
        "eligible": query.eligible_individual_id,
    }
    values = {name: value for name, value in given.items() if value is not None}
    facts = tuple(name for name in FACTS if name in values)
    own = query.organization_id is None and not (reach.everything or reach.leads or reach.member_of)
    place = "one" if query.organization_id is not None else "own" if own else "all"
    mine = place == "own" or (place == "one" and (reach.everything or query.organization_id in reach.admin_of))
    shape = Shape(
        reach=reach.shape,
        types=tuple(sorted({*query.type})),
        active=not query.include_inactive,
        node_type=query.node_type,
        leaf=None if query.tree_node_type is None else query.tree_node_type == "leaf",
        place=place,
        counted=mine and not facts and not times and eligible in {None, "own"},
        facts=(*facts, "pieces") if query.text and len(query.text) >= GRAM else facts,
        signs=tuple(sign for sign, _ in times),
        left_out=tuple(name for name in ("excluded_individual", "excluded_ids", "eligible") if name in values),
        eligible=eligible,
    )
    pattern = {"pattern": contains(query.text)} if query.text else {}
    moments = {f"time{number}": time for number, (_, time) in enumerate(times)}
    return shape, values | pattern | moments | reach.values


def contains(sought: str) -> str:
    """The pattern of LIKE ... ESCAPE '/' for a text that may stand anywhere."""
    escaped = SPECIAL.sub(r"/\1", sought)
    return f"%{escaped}%"


def page_of(shape: Shape, reach: Reach, way: Way) -> Any:
    """The ids of a page, in the order in which the groups were made, or against it."""
    shown = [*_sorts(shape, Group), *_placed(shape, reach), *_chosen(shape), *(~one for one in _left_out(shape))]
    if way.start is not None:
        shown.append(Group.id >= bindparam("start", type_=Uuid()))
    statement = select(Group.id).where(*shown).order_by(Group.id.desc() if way.backwards else Group.id)
    return statement.limit(bindparam("take", type_=Integer())).offset(bindparam("skip", type_=Integer()))


def total_of(shape: Shape, reach: Reach) -> Any:
    """How many groups a list has; and, where kept counts tell, a number that changes whenever the list does.

    With kept counts groups are not counted one by one, but for those that are left out.
    """
    every = select(func.count()).select_from(Group)
    if not shape.counted:
        shown = [*_sorts(shape, Group), *_placed(shape, reach), *_chosen(shape)]
        return every.where(*shown, *(~one for one in _left_out(shape)))
    groups, changes = func.coalesce(func.sum(GroupCount.groups), 0), func.coalesce(func.sum(GroupCount.changes), 0)
    kept = select(groups, changes).where(*_sorts(shape, GroupCount))
    if not shape.left_out:
        return kept
    out = every.where(*_sorts(shape, Group), or_(*_left_out(shape)))
    return select(kept.with_only_columns(groups).scalar_subquery() - out.scalar_subquery())


def _sorts(shape: Shape, table: Any) -> Iterator[Any]:
    """Conditions on what groups are counted by; written out, so that the planner sees which partial index serves."""
    yield table.type.in_([literal_column(f"'{kind}'") for kind in shape.types])
    if shape.eligible is not None:
        yield table.type == literal_column("'regular'")
        yield table.organization_id == bindparam("eligible_organization", type_=Uuid())
    if shape.active:
        yield table.is_active
    if shape.node_type is not None:
        yield table.node_type == literal_column(f"'{shape.node_type}'")
    if shape.leaf is not None:
        leaf: Any = literal_column("individual_groups.child_count = 0") if table is Group else GroupCount.is_leaf
        yield leaf if shape.leaf else not_(leaf)
    if shape.place == "one":
        yield table.organization_id == bindparam("organization", type_=Uuid())
    elif shape.place == "own":
        one, several = shape.reach[1:3]
        own: Any = any_(bindparam("admin_of", type_=ARRAY(Uuid()))) if several else bindparam("admin", type_=Uuid())
        yield table.organization_id == own if one or several else false()


def _placed(shape: Shape, reach: Reach) -> Iterator[ColumnElement[bool]]:
    """What the caller may read, where kept counts do not speak for all of it."""
    if shape.eligible == "nowhere":
        yield false()
    elif shape.eligible == "writable":
        yield writable_groups(reach)
    elif shape.place != "own" and not shape.counted:
        yield readable_groups(reach)


def _chosen(shape: Shape) -> Iterator[Any]:
    conditions = {
        "parent": lambda: Group.parent_id == bindparam("parent", type_=Uuid()),
        "name": lambda: Group.name == bindparam("name", type_=Text()),
        "ids": lambda: Group.id == any_(bindparam("ids", type_=ARRAY(Uuid()))),
        "tags": lambda: Group.tags.bool_op("&&")(bindparam("tags", type_=ARRAY(Text()))),
        "text": _containing,
        "pieces": lambda: _pieces(shape),
        "individual": lambda: _holds("individual"),
        "leader": _led,
    }
    for name in shape.facts:
        yield conditions[name]()
    for number, sign in enumerate(shape.signs):
        yield SIGNS[sign](Group.updated_at, bindparam(f"time{number}", type_=TIMESTAMP(timezone=True)))


def _left_out(shape: Shape) -> Iterator[Any]:
    for name in shape.left_out:
        yield Group.id == any_(bindparam(name, type_=ARRAY(Uuid()))) if name == "excluded_ids" else _holds(name)


def _containing() -> Any:
    """Names or tags that contain a text, whatever its case."""
    pattern = func.lower(bindparam("pattern", type_=Text()))
    tags = func.array_to_string(Group.tags, " ")
    return or_(func.lower(Group.name).like(pattern, escape="/"), func.lower(tags).like(pattern, escape="/"))


def _pieces(shape: Shape) -> Any:
    """Names and tags that hold all pieces of a text: the index finds these, and the text is looked for in them."""
    sought: Any = func.text_grams(bindparam("text", type_=Text()), type_=ARRAY(Text()))
    found = select(GroupText.group_id).where(GroupText.grams.bool_op("@>")(sought))
    if shape.place == "one":
        found = found.where(GroupText.organization_id == bindparam("organization", type_=Uuid()))
    return _among(found)


def _holds(name: str) -> Any:
    person = bindparam(name, type_=Uuid())
    return _among(select(GroupIndividual.group_id).where(GroupIndividual.individual_id == person))


def _led() -> Any:
    user = bindparam("leader", type_=Uuid())
    return _among(select(GroupStaff.group_id).where(GroupStaff.kind == "leader", GroupStaff.user_id == user))


def _among(groups: Any) -> Any:
    """The groups of a list that is made once, before the rows are looked at."""
    return Group.id == any_(func.array(groups.scalar_subquery(), type_=ARRAY(Uuid())))
