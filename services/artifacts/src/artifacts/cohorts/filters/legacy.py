"""Legacy `groups`: conditions before there were `filters`, OR-ed together."""

from typing import Any

from kernel import Invalid

from artifacts.cohorts.filters.fields import mapping, sequence

KEYS = ("days", "action_id", "event_id", "label", "count", "count_operator", "properties", "start_date", "end_date")
DAYS = 365
NEITHER = "Each group needs properties, action_id or event_id."


def normalised(groups: object) -> list[dict[str, Any]]:
    """Groups as a new cohort keeps them: all nine keys, properties as a list. Raises Invalid."""
    made: list[dict[str, Any]] = []
    for group in _groups(groups):
        one = {name: group.get(name) for name in KEYS}
        if one["properties"] is not None:
            one["properties"] = _properties(one["properties"])
        made.append(one)
    return made


def from_groups(groups: object) -> dict[str, Any]:
    """The filters that groups stand for, as they are shown. Raises Invalid with `groups` as the place."""
    return {"properties": {"type": "OR", "values": [_group(group) for group in _groups(groups)]}}


def _groups(groups: object) -> list[dict[str, Any]]:
    found = _objects(groups, "groups must be a list of objects.")
    for group in found:
        if not (group.get("properties") or group.get("action_id") or group.get("event_id")):
            raise _refused(NEITHER)
    return found


def _group(group: dict[str, Any]) -> dict[str, Any]:
    if group.get("properties"):
        leaves = [_leaf(one) for one in _properties(group["properties"])]
    else:
        leaves = [_behavioral(group)]
    return {"type": "AND", "values": leaves}


def _properties(given: Any) -> list[dict[str, Any]]:
    """The conditions of a group; the oldest form is an object of `key__operator: value`."""
    pairs = mapping(given)
    if pairs is not None:
        return [_pair(name, value) for name, value in pairs.items()]
    return _objects(given, "The properties of a group must be a list of objects.")


def _objects(given: object, problem: str) -> list[dict[str, Any]]:
    found = [mapping(one) for one in sequence(given) or ()]
    if sequence(given) is None or None in found:
        raise _refused(problem)
    return [one for one in found if one is not None]


def _pair(name: str, value: Any) -> dict[str, Any]:
    key, _, operator = name.partition("__")
    leaf: dict[str, Any] = {"key": key, "value": value, "type": "person"}
    return leaf | ({"operator": operator} if operator else {})


def _leaf(given: dict[str, Any]) -> dict[str, Any]:
    leaf = {name: value for name, value in given.items() if value is not None}
    if leaf.get("type", "event") == "event":
        leaf["type"] = "person"
    return leaf


def _behavioral(group: dict[str, Any]) -> dict[str, Any]:
    by_action = bool(group.get("action_id"))
    count = group.get("count")
    times = max(0, int(count)) if isinstance(count, int) or (isinstance(count, str) and count.isdigit()) else 0
    leaf: dict[str, Any] = {
        "key": group["action_id"] if by_action else group["event_id"],
        "type": "behavioral",
        "value": "performed_event_multiple" if times else "performed_event",
        "event_type": "actions" if by_action else "events",
        "operator": group.get("count_operator"),
        "operator_value": times,
        **_window(group),
    }
    return {name: value for name, value in leaf.items() if value is not None}


def _window(group: dict[str, Any]) -> dict[str, Any]:
    if group.get("days") or not group.get("start_date"):
        return {"time_value": group.get("days") or DAYS, "time_interval": "day"}
    return {"explicit_datetime": group["start_date"], "explicit_datetime_to": group.get("end_date")}


def _refused(detail: str) -> Invalid:
    return Invalid(detail, pointer="/groups", code="invalid_input")
