"""What filters mean, in plain Python over persons and events: the engine is held against it."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import re2
from artifacts.cohorts.filters import Behavioral, CohortLeaf, Group, PersonLeaf
from artifacts.cohorts.filters.conditions import OPPOSITES, as_number, as_text
from artifacts.cohorts.filters.moments import Ago, midnight, parse_date, parse_moment, resolve

SIGNS = {
    "gte": lambda a, b: a >= b,
    "lte": lambda a, b: a <= b,
    "gt": lambda a, b: a > b,
    "lt": lambda a, b: a < b,
    "eq": lambda a, b: a == b,
    "exact": lambda a, b: a == b,
}


class Event:
    """Something that a person did."""

    def __init__(self, name: str, timestamp: datetime, properties: dict[str, Any]) -> None:
        self.name, self.timestamp, self.properties = name, timestamp, properties


class Person:
    """Somebody, with what they did."""

    def __init__(self, properties: dict[str, Any], events: list[Event]) -> None:
        self.properties, self.events = properties, events
        self.is_removed = False


def belongs(node: Any, person: Person, now: datetime, members: dict[int, Any]) -> bool:
    """Whether a person is in the set of a node; `members` says of a cohort's number who is in it."""
    if person.is_removed:
        return False
    return _belongs(node, person, now, members)


def _belongs(node: Any, person: Person, now: datetime, members: dict[int, Any]) -> bool:
    if isinstance(node, Group):
        every = all if node.type == "AND" else any
        return every([_belongs(child, person, now, members) for child in node.values])
    if isinstance(node, PersonLeaf):
        found = matches(person.properties, node.key, node.operator, node.value, now)
    elif isinstance(node, CohortLeaf):
        found = person in members.get(node.value, ())
    else:
        found = DID[node.value](node, person, now)
    return found != node.negation


def matches(properties: dict[str, Any], key: str, operator: str, value: Any, now: datetime) -> bool:  # noqa: PLR0911 a line a kind
    """A condition on a property."""
    if operator in OPPOSITES:
        return not matches(properties, key, OPPOSITES[operator], value, now)
    held = properties.get(key)
    if held is None:
        return False
    text = as_text(held)
    given = value if isinstance(value, list) else [value]
    if operator == "is_set":
        return True
    if operator in ("exact", "in"):
        return text in [as_text(one) for one in given if one is not None]
    if operator == "icontains":
        return any(as_text(one).lower() in text.lower() for one in given if one is not None)
    if operator == "regex":
        return any(re2.search(one, text) is not None for one in given)
    if operator.startswith("is_date"):
        return dated(text, operator, given[0], now)
    number, own = as_number(given[0]), as_number(held) if not isinstance(held, (list, dict)) else None
    if number is None:
        return SIGNS[operator](text.encode(), as_text(given[0]).encode())
    return own is not None and SIGNS[operator](own, number)


def dated(text: str, operator: str, value: str, now: datetime) -> bool:
    moment = parse_moment(text)
    if moment is None and len(text) == 10 and text.isascii() and text.isdigit():
        moment = datetime.fromtimestamp(int(text), UTC)
    if moment is None:
        return False
    edge = parse_date(value)
    assert edge is not None
    if operator == "is_date_exact":
        at = midnight(edge.before(midnight(now))) if isinstance(edge, Ago) else midnight(edge)
        return at <= moment < at + timedelta(days=1)
    at = resolve(edge, now)
    if operator == "is_date_after":
        return moment > at
    return moment <= at if isinstance(edge, Ago) else moment < at


def times(leaf: Behavioral, person: Person, now: datetime) -> list[datetime]:
    """When the person did it, until now."""
    return sorted(
        one.timestamp
        for one in person.events
        if one.name == leaf.key
        and one.timestamp <= now
        and all(
            matches(one.properties, each.key, each.operator or "exact", each.value, now)
            for each in leaf.event_filters or ()
        )
    )


def window(leaf: Behavioral, now: datetime) -> tuple[datetime, datetime]:
    if leaf.explicit_datetime is not None:
        since, until = parse_date(leaf.explicit_datetime), parse_date(leaf.explicit_datetime_to or "0d")
        assert since is not None
        assert until is not None
        return resolve(since, now), resolve(until, now)
    assert leaf.time_value is not None
    assert leaf.time_interval is not None
    return Ago(leaf.time_value, leaf.time_interval).before(now), now


def recent(leaf: Behavioral, now: datetime) -> datetime:
    assert leaf.seq_time_value is not None
    assert leaf.seq_time_interval is not None
    return Ago(leaf.seq_time_value, leaf.seq_time_interval).before(now)


def performed(leaf: Behavioral, person: Person, now: datetime) -> bool:
    since, until = window(leaf, now)
    return any(since < at <= until for at in times(leaf, person, now))


def multiple(leaf: Behavioral, person: Person, now: datetime) -> bool:
    since, until = window(leaf, now)
    count = sum(since < at <= until for at in times(leaf, person, now))
    return SIGNS[leaf.operator or "exact"](count, leaf.operator_value)


def first_time(leaf: Behavioral, person: Person, now: datetime) -> bool:
    since, until = window(leaf, now)
    found = times(leaf, person, now)
    return bool(found) and since < found[0] <= until


def sequence(leaf: Behavioral, person: Person, now: datetime) -> bool:
    since, until = window(leaf, now)
    then = [one.timestamp for one in person.events if one.name == leaf.seq_event and one.timestamp <= now]
    return any(
        since < at <= until and any(at < later <= _later(at, leaf) for later in then) for at in times(leaf, person, now)
    )


def _later(at: datetime, leaf: Behavioral) -> datetime:
    number = leaf.seq_time_value or 0
    if leaf.seq_time_interval in ("day", "week"):
        return at + timedelta(days=number * (7 if leaf.seq_time_interval == "week" else 1))
    months = at.year * 12 + at.month - 1 + number * (12 if leaf.seq_time_interval == "year" else 1)
    for day in range(at.day, 0, -1):
        try:
            return at.replace(year=months // 12, month=months % 12 + 1, day=day)
        except ValueError:
            continue
    raise AssertionError


def regularly(leaf: Behavioral, person: Person, now: datetime) -> bool:
    assert leaf.time_value is not None
    assert leaf.time_interval is not None
    assert leaf.total_periods is not None
    today = midnight(now)
    edges = [
        Ago(leaf.time_value * back, leaf.time_interval).before(today) for back in range(leaf.total_periods, -1, -1)
    ]
    found = times(leaf, person, now)
    enough = 0
    for begins, ends in pairwise(edges):
        count = sum(begins <= at < ends for at in found)
        enough += SIGNS[leaf.operator or "exact"](count, leaf.operator_value)
    return enough >= (leaf.min_periods or 1)


def stopped(leaf: Behavioral, person: Person, now: datetime) -> bool:
    since, until = window(leaf, now)
    found = times(leaf, person, now)
    return any(since < at <= until for at in found) and not any(at > recent(leaf, now) for at in found)


def restarted(leaf: Behavioral, person: Person, now: datetime) -> bool:
    since, _ = window(leaf, now)
    edge = recent(leaf, now)
    found = times(leaf, person, now)
    lately = any(at > edge for at in found)
    return lately and found[0] <= edge and not any(since < at <= edge for at in found)


DID = {
    "performed_event": performed,
    "performed_event_multiple": multiple,
    "performed_event_first_time": first_time,
    "performed_event_sequence": sequence,
    "performed_event_regularly": regularly,
    "stopped_performing_event": stopped,
    "restarted_performing_event": restarted,
}
