"""What can be asked of filters without a database."""

from collections.abc import Iterator, Mapping
from typing import Any, Literal

import msgspec

from artifacts.cohorts.filters.nodes import Behavioral, CohortLeaf, Group, Leaf, Node, PersonLeaf

CohortType = Literal["static", "person_property", "behavioral", "analytical"]
ORDER: tuple[CohortType, ...] = ("static", "person_property", "behavioral", "analytical")
PLAIN_KINDS = frozenset({"performed_event", "performed_event_multiple"})
TAGS: dict[type[Any], str] = {PersonLeaf: "person", CohortLeaf: "cohort", Behavioral: "behavioral"}


def leaves(node: Node) -> Iterator[Leaf]:
    """All leaves, from left to right."""
    if isinstance(node, Group):
        for child in node.values:
            yield from leaves(child)
    else:
        yield node


def has_leaf(group: Group) -> bool:
    """Whether there is a condition at all."""
    return next(leaves(group), None) is not None


def references(group: Group) -> set[int]:
    """The integers of the cohorts that the filters name."""
    return {leaf.value for leaf in leaves(group) if isinstance(leaf, CohortLeaf)}


def is_behavioral(group: Group) -> bool:
    """Whether the filters ask what persons did; nested cohorts are not followed."""
    return any(isinstance(leaf, Behavioral) for leaf in leaves(group))


def cohort_type(group: Group, types_of_nested: Mapping[int, str | None]) -> CohortType:
    """The type that follows from the filters of a dynamic cohort: the highest of its leaves' types.

    `types_of_nested` has the types of the cohorts named; one that is not known there counts as the lowest.
    """
    found = [ORDER.index(_type_of(leaf, types_of_nested)) for leaf in leaves(group)]
    return ORDER[max(found)] if found else "person_property"


def _type_of(leaf: Leaf, types_of_nested: Mapping[int, str | None]) -> CohortType:
    if isinstance(leaf, CohortLeaf):
        named = types_of_nested.get(leaf.value)
        known: dict[str | None, CohortType] = {one: one for one in ORDER}
        return known.get(named, "static")
    if isinstance(leaf, Behavioral):
        return "behavioral" if leaf.value in PLAIN_KINDS else "analytical"
    return "person_property"


def written(group: Group) -> dict[str, Any]:
    """The filters as JSON in their normal form: numbers are numbers, `negation` stands there, nulls do not."""
    return {"properties": _written(group)}


def _written(node: Node) -> dict[str, Any]:
    if isinstance(node, Group):
        return {"type": node.type, "values": [_written(child) for child in node.values]}
    fields = {name: value for name, value in msgspec.structs.asdict(node).items() if value is not None}
    if isinstance(node, CohortLeaf):
        fields["key"] = "id"
    if isinstance(node, Behavioral) and node.event_filters is not None:
        fields["event_filters"] = [
            {name: value for name, value in msgspec.structs.asdict(one).items() if value is not None}
            for one in node.event_filters
        ]
    return {"type": TAGS[type(node)], **fields}
