"""JSON into nodes, or what is wrong with it.

Refusals name the part `filters`; words in single quotes are those that PostHog's clients know.
"""

from typing import Any

from artifacts.cohorts.filters import fields
from artifacts.cohorts.filters.fields import refused
from artifacts.cohorts.filters.legacy import from_groups
from artifacts.cohorts.filters.nodes import Behavioral, CohortLeaf, EventFilter, Group, Node, PersonLeaf

DEEPEST = 10
MOST_LEAVES = 1000
UNSHAPED = "Must contain a 'properties' key with type and values"
PERSON_KEYS = ("type", "key", "operator", "value", "negation")
COHORT_KEYS = ("type", "key", "value", "negation")
WITHOUT_VALUE = frozenset({"is_set", "is_not_set"})
DATE_OPERATORS = frozenset({"is_date_after", "is_date_before", "is_date_exact"})
EMPTY = Group("AND")


def parse(filters: object, *, is_static: bool) -> Group:
    """The filters of a cohort. Raises Invalid with `filters` as the place.

    A static cohort's filters are not looked at while there is no condition in them: its answer is an empty group.
    """
    if is_static and not _any_leaf(filters):
        return EMPTY
    given = fields.mapping(filters) or {}
    root = fields.mapping(given.get("properties")) or {}
    if not {"type", "values"} <= root.keys():
        raise refused(UNSHAPED)
    _known(given, ("properties",), "filters")
    return _Reader().group(root, 1)


def effective(filters: object, groups: object) -> Group:
    """What a stored cohort is calculated from: its filters, else its legacy groups. Raises Invalid."""
    if filters:
        return parse(filters, is_static=True)
    return _Reader(operator="exact").group(from_groups(groups)["properties"], 1) if groups else EMPTY


class _Reader:
    """One reading: counts leaves, and knows the operator of leaves that name none (legacy groups alone have one)."""

    def __init__(self, operator: str | None = None) -> None:
        self.leaves = 0
        self.operator = operator

    def group(self, given: dict[str, Any], depth: int) -> Group:
        if depth > DEEPEST:
            raise refused(f"Filters may be nested at most {DEEPEST} deep.")
        _known(given, ("type", "values"), "group")
        kind, nodes = given.get("type"), fields.sequence(given.get("values"))
        if kind not in ("AND", "OR"):
            raise refused(f"The 'type' of a group must be AND or OR. Got: {fields.shown(kind)}")
        if nodes is None:
            raise refused("The 'values' of a group must be a list.")
        return Group(kind, tuple(self.node(one, depth + 1) for one in nodes))

    def node(self, given: Any, depth: int) -> Node:
        one = fields.mapping(given)
        if one is None:
            raise refused("Each condition must be an object with a 'type'.")
        kind = one.get("type")
        if kind in ("AND", "OR"):
            return self.group(one, depth)
        read = READERS.get(kind) if isinstance(kind, str) else None
        if read is None:
            raise refused(
                f"The 'type' of a condition must be AND, OR, person, cohort or behavioral. Got: {fields.shown(kind)}"
            )
        self.leaves += 1
        if self.leaves > MOST_LEAVES:
            raise refused(f"Filters may have at most {MOST_LEAVES} conditions.")
        if self.operator and kind == "person" and one.get("operator") is None:
            one = {**one, "operator": self.operator}
        return read(one)


def _person(given: dict[str, Any]) -> PersonLeaf:
    _known(given, PERSON_KEYS, "person")
    operator = given.get("operator")
    missing = ["key"] if given.get("key") is None else []
    missing += ["value"] if given.get("value") is None and operator not in WITHOUT_VALUE else []
    missing += ["operator"] if operator is None else []
    _require(missing, "person")
    value = given.get("value")
    if operator in DATE_OPERATORS:
        fields.check_date(value, operator)
    if operator in fields.PATTERN_OPERATORS:
        fields.check_patterns(value)
    return PersonLeaf(
        key=fields.text(given, "key"),
        operator=fields.text(given, "operator"),
        value=value,
        negation=fields.truth(given, "negation"),
    )


def _cohort(given: dict[str, Any]) -> CohortLeaf:
    _known(given, COHORT_KEYS, "cohort")
    _require([name for name in ("key", "value") if given.get(name) is None], "cohort")
    if given["key"] != "id":
        raise refused("The 'key' of a cohort filter must be 'id'.")
    return CohortLeaf(value=fields.whole(given, "value", least=0), negation=fields.truth(given, "negation"))


def _behavioral(given: dict[str, Any]) -> Behavioral:
    _known(given, ("type", *Behavioral.__struct_fields__), "behavioral")
    _require([name for name in ("key", "value", "event_type") if given.get(name) is None], "behavioral")
    leaf = Behavioral(
        key=fields.name(given, "key"),
        value=fields.choice(given, "value", fields.KINDS),
        event_type=fields.choice(given, "event_type", fields.EVENT_TYPES),
        event_filters=_event_filters(given.get("event_filters")),
        negation=fields.truth(given, "negation"),
        **fields.optional(given),
    )
    if leaf.min_periods and leaf.total_periods and leaf.min_periods > leaf.total_periods:
        raise refused("min_periods must not exceed total_periods.")
    return leaf


def _event_filters(given: Any) -> tuple[EventFilter, ...] | None:
    if given is None:
        return None
    items = fields.sequence(given)
    if items is None:
        raise refused("event_filters must be a list.")
    if len(items) > fields.MOST_EVENT_FILTERS:
        raise refused(f"event_filters may have at most {fields.MOST_EVENT_FILTERS} conditions.")
    return tuple(_event_filter(one) for one in items)


def _event_filter(given: Any) -> EventFilter:
    one = fields.mapping(given)
    if one is None:
        raise refused("Each of event_filters must be an object with a 'type'.")
    kind = fields.choice(one, "type", ("event", "element", "hogql"))
    allowed = ("type", "key", "value") if kind == "hogql" else ("type", "key", "value", "operator")
    _known(one, allowed, f"{kind} event")
    operator = fields.text(one, "operator") if one.get("operator") is not None else None
    needed = () if kind == "hogql" or operator in WITHOUT_VALUE else ("value",)
    _require([name for name in ("key", *needed) if one.get(name) is None], f"{kind} event")
    if operator in DATE_OPERATORS:
        fields.check_date(one.get("value"), operator)
    if operator in fields.PATTERN_OPERATORS:
        fields.check_patterns(one.get("value"))
    return EventFilter(type=kind, key=fields.text(one, "key"), value=one.get("value"), operator=operator)


READERS: dict[str, Any] = {"person": _person, "cohort": _cohort, "behavioral": _behavioral}


def _known(given: dict[str, Any], allowed: tuple[str, ...], what: str) -> None:
    unknown = [name for name in given if name not in allowed]
    if unknown:
        raise refused(f"Unknown key in a {what} filter: {', '.join(fields.shown(name) for name in unknown[:5])}")


def _require(missing: list[str], what: str) -> None:
    if missing:
        raise refused(f"Missing required keys for {what} filter: {', '.join(missing)}")


def _any_leaf(filters: object) -> bool:
    """Whether anything in it looks like a condition. Depth is bounded by the JSON reader's own limit."""
    waiting: list[Any] = [(fields.mapping(filters) or {}).get("properties")]
    while waiting:
        node = fields.mapping(waiting.pop()) or {}
        if isinstance(node.get("type"), str) and node["type"] in READERS:
            return True
        waiting += fields.sequence(node.get("values")) or []
    return False


__all__ = ["EMPTY", "effective", "from_groups", "parse", "refused"]
