"""What persons did, as SQL over events.

A leaf asks something of the number of a person's matching events in windows. It counts persons who never did it, too:
"at most twice" and "exactly 0 times" are true of them, so such a leaf is the opposite of one that asks for events.
A window is `(now - length, now]`; what lies in the future has not happened yet. Periods are whole days that end with
yesterday, a year being twelve months. Actions are not known here.
"""

from collections.abc import Callable, Iterable
from typing import Any

import msgspec

from artifacts.cohorts.filters.conditions import Unsupported, condition
from artifacts.cohorts.filters.fields import shown
from artifacts.cohorts.filters.moments import Ago, Edge, parse_date
from artifacts.cohorts.filters.nodes import Behavioral
from artifacts.cohorts.filters.values import NOW, DayEdge, Several, Values

SIGNS = {"gte": ">=", "lte": "<=", "gt": ">", "lt": "<", "eq": "=", "exact": "="}
OPPOSITE = {">=": "<", "<=": ">", ">": "<=", "<": ">=", "=": "<>"}
HOLDS_FOR_NONE: dict[str, Callable[[int], bool]] = {
    ">=": lambda times: times <= 0,
    "<=": lambda times: times >= 0,
    ">": lambda times: times < 0,
    "<": lambda times: times > 0,
    "=": lambda times: times == 0,
}
MONTHS = {"month": 1, "year": 12}
DAYS = {"day": 1, "week": 7}


Bounds = tuple[Edge, ...]


class Asked(msgspec.Struct, frozen=True):
    """A question about a person's events of one name, for persons who have any.

    `having` writes the condition over aggregates; its second argument are edges, one of which alone already bounds the
    events that are read. Events after the earliest of `since` are needed; without any, all.
    Where `complement`, the leaf holds for everybody but those of whom `having` is true.
    """

    event: str
    filters: tuple[Any, ...]
    since: tuple[Edge, ...]
    having: Callable[[Values, Bounds], str]
    complement: bool = False
    once: bool = False
    """Whether one event after `since` is enough: nothing need be counted."""


class Followed(msgspec.Struct, frozen=True):
    """`event` in a window, and `then` within so long after it."""

    leaf: Behavioral
    event: str
    then: str
    since: Edge
    until: Edge


class Regular(msgspec.Struct, frozen=True):
    """A number of periods, in so many of which something was done often enough."""

    leaf: Behavioral
    event: str
    sign: str
    times: int
    periods: int
    least: int
    complement: bool


Question = Asked | Followed | Regular


def question(leaf: Behavioral) -> Question:
    """What a leaf asks. Raises Unsupported for what it lacks, and for actions."""
    if leaf.event_type == "actions" or (leaf.seq_event_type == "actions" and leaf.seq_event is not None):
        raise Unsupported("Actions are not known here; use the event itself.")
    return QUESTIONS[leaf.value](leaf, str(leaf.key))


def _performed(leaf: Behavioral, event: str) -> Asked:
    since, until = _window(leaf)
    filters = leaf.event_filters or ()

    def having(values: Values, bounds: Bounds) -> str:
        return f"{_times(since, until, values, bounds)} > 0"

    return Asked(event, filters, (since,), having, once=until == NOW)


def _multiple(leaf: Behavioral, event: str) -> Asked:
    since, until = _window(leaf)
    sign, number = _number(leaf)
    holds = HOLDS_FOR_NONE[sign](number)
    chosen = OPPOSITE[sign] if holds else sign

    def having(values: Values, bounds: Bounds) -> str:
        return f"{_times(since, until, values, bounds)} {chosen} {values.add(number, 'bigint')}"

    return Asked(event, leaf.event_filters or (), (since,), having, complement=holds)


def _first_time(leaf: Behavioral, event: str) -> Asked:
    since, until = _window(leaf)

    def having(values: Values, _: Bounds) -> str:
        return f"min(e.timestamp) > {values.moment(since)} AND min(e.timestamp) <= {values.moment(until)}"

    return Asked(event, leaf.event_filters or (), (), having)


def _stopped(leaf: Behavioral, event: str) -> Asked:
    since, until = _window(leaf)
    recent = _recent(leaf)

    def having(values: Values, bounds: Bounds) -> str:
        return f"{_times(since, until, values, bounds)} > 0 AND {_times(recent, NOW, values, bounds)} = 0"

    return Asked(event, leaf.event_filters or (), (since, recent), having)


def _restarted(leaf: Behavioral, event: str) -> Asked:
    since, _ = _window(leaf)
    recent = _recent(leaf)

    def having(values: Values, bounds: Bounds) -> str:
        edge = values.moment(recent)
        lately = f"{_times(recent, NOW, values, bounds)} > 0"
        earlier = f"count(*) FILTER (WHERE e.timestamp > {values.moment(since)} AND e.timestamp <= {edge})"
        return f"{lately} AND {earlier} = 0 AND min(e.timestamp) <= {edge}"

    return Asked(event, leaf.event_filters or (), (), having)


def _sequence(leaf: Behavioral, event: str) -> Followed:
    since, until = _window(leaf)
    if leaf.seq_event is None:
        raise _lacks(leaf, "seq_event")
    _recent(leaf)
    return Followed(leaf, event, str(leaf.seq_event), since, until)


def _regularly(leaf: Behavioral, event: str) -> Regular:
    for field in ("time_value", "time_interval", "total_periods", "min_periods"):
        if getattr(leaf, field) is None:
            raise _lacks(leaf, field)
    sign, number = _number(leaf)
    periods, least = leaf.total_periods or 1, leaf.min_periods or 1
    if not leaf.time_value:
        raise Unsupported("A period needs a length.")
    if least > periods:
        raise Unsupported("min_periods must not exceed total_periods.")
    return Regular(leaf, event, sign, number, periods, least, HOLDS_FOR_NONE[sign](number))


QUESTIONS: dict[str, Callable[[Behavioral, str], Question]] = {
    "performed_event": _performed,
    "performed_event_multiple": _multiple,
    "performed_event_first_time": _first_time,
    "performed_event_sequence": _sequence,
    "performed_event_regularly": _regularly,
    "stopped_performing_event": _stopped,
    "restarted_performing_event": _restarted,
}


def rows(event: str, filters: tuple[Any, ...], values: Values, *, alias: str = "e") -> str:
    """The condition that an event counts."""
    parts = [f"{alias}.event = {values.add(event, 'text')}", f"{alias}.timestamp <= {values.moment(NOW)}"]
    for one in filters:
        if one.type != "event":
            raise Unsupported(f"Event filters of type '{one.type}' are not known here.")
        parts.append(f"({condition(f'{alias}.properties', one.key, one.operator or 'exact', one.value, values)})")
    return " AND ".join(parts)


def followed(asked: Followed, who: str, values: Values) -> str:
    """Persons of a sequence: after each event, when the other came next."""
    leaf = asked.leaf
    first = rows(asked.event, leaf.event_filters or (), values)
    then = rows(asked.then, (), values)
    span = _span(leaf, values)
    begins = f"e.timestamp > {values.moment(asked.since)} AND e.timestamp <= {values.moment(asked.until)}"
    return f"""
SELECT DISTINCT person_id AS id FROM (
    SELECT e.person_id, e.timestamp, ({first} AND {begins}) IS TRUE AS begins,
           min(e.timestamp) FILTER (WHERE {then}) OVER (PARTITION BY e.person_id ORDER BY e.timestamp DESC
               GROUPS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS next
      FROM events e
     WHERE {who} AND e.event IN ({values.add(asked.event, "text")}, {values.add(asked.then, "text")})
       AND e.timestamp > {values.moment(asked.since)} AND e.timestamp <= {values.moment(NOW)}) walked
 WHERE begins AND next <= timestamp + {span}"""  # noqa: S608 values are parameters


def regular(asked: Regular, who: str, values: Values) -> str:
    """Persons of periods. Where nothing at all would do, those of whom it is not true."""
    edges = period_edges(asked.leaf, asked.periods)
    bounds = values.add(Several(edges), "timestamptz[]")
    enough = f"count(*) FILTER (WHERE times {asked.sign} {values.add(asked.times, 'bigint')})"
    if asked.complement:
        enough = f"{values.add(asked.periods, 'bigint')} - count(*) + {enough}"
    return f"""
SELECT person_id AS id FROM (
    SELECT e.person_id, width_bucket(e.timestamp, {bounds}) AS period, count(*) AS times
      FROM events e
     WHERE {who} AND {rows(asked.event, asked.leaf.event_filters or (), values)}
       AND e.timestamp >= {values.moment(edges[0])} AND e.timestamp < {values.moment(edges[-1])}
     GROUP BY e.person_id, period) counted
 GROUP BY person_id HAVING {enough} {"<" if asked.complement else ">="} {values.add(asked.least, "bigint")}"""  # noqa: S608


def period_edges(leaf: Behavioral, periods: int) -> tuple[DayEdge, ...]:
    """Where periods begin, the earliest first, and where the last one ends: at the beginning of today."""
    unit, value = leaf.time_interval or "day", leaf.time_value or 1
    return tuple(DayEdge(Ago(value * back, unit)) for back in range(periods, -1, -1))


def after(since: Iterable[Edge], values: Values) -> str:
    """The further condition that an event is after the earliest of some edges."""
    bounds = sorted({values.moment(edge) for edge in since})
    if not bounds:
        return ""
    earliest = bounds[0] if len(bounds) == 1 else f"LEAST({', '.join(bounds)})"
    return f" AND e.timestamp > {earliest}"


def _times(since: Edge, until: Edge, values: Values, bounds: Bounds) -> str:
    conditions = [] if bounds == (since,) else [f"e.timestamp > {values.moment(since)}"]
    if until != NOW:
        conditions.append(f"e.timestamp <= {values.moment(until)}")
    return f"count(*) FILTER (WHERE {' AND '.join(conditions)})" if conditions else "count(*)"


def _window(leaf: Behavioral) -> tuple[Edge, Edge]:
    if leaf.explicit_datetime is not None:
        since = parse_date(leaf.explicit_datetime)
        until = parse_date(leaf.explicit_datetime_to) if leaf.explicit_datetime_to else NOW
        if since is None or until is None:
            raise Unsupported("explicit_datetime is no date.")
        return since, until
    if leaf.time_value is None:
        raise _lacks(leaf, "time_value")
    if leaf.time_interval is None:
        raise _lacks(leaf, "time_interval")
    return Ago(leaf.time_value, leaf.time_interval), NOW


def _recent(leaf: Behavioral) -> Ago:
    if leaf.seq_time_value is None:
        raise _lacks(leaf, "seq_time_value")
    if leaf.seq_time_interval is None:
        raise _lacks(leaf, "seq_time_interval")
    return Ago(leaf.seq_time_value, leaf.seq_time_interval)


def _span(leaf: Behavioral, values: Values) -> str:
    """How long after an event the next may come, by PostgreSQL's calendar."""
    unit, number = leaf.seq_time_interval or "day", leaf.seq_time_value or 0
    months, days = number * MONTHS.get(unit, 0), number * DAYS.get(unit, 0)
    return f"make_interval(months => {values.add(months, 'int')}, days => {values.add(days, 'int')})"


def _number(leaf: Behavioral) -> tuple[str, int]:
    if leaf.operator_value is None:
        raise _lacks(leaf, "operator_value")
    operator = leaf.operator or "exact"
    if operator not in SIGNS:
        raise Unsupported(f"The operator '{shown(operator)}' does not count events.")
    return SIGNS[operator], leaf.operator_value


def _lacks(leaf: Behavioral, field: str) -> Unsupported:
    return Unsupported(f"The condition {leaf.value} needs {field}.")
