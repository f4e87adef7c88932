"""Random filters, persons and events; moments lie on, before and behind the edges of windows."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import msgspec
from artifacts.cohorts.filters.moments import Ago
from filter_meaning import Event, Person
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

MOMENTS = (datetime(2026, 3, 31, 10, 30, tzinfo=UTC), datetime(2026, 5, 6, 7, 8, 9, tzinfo=UTC))
EVENTS = ("view", "buy", "ask")
KEYS = ("plan", "age", "seen", "tags")
TEXTS = ("pro", "Free trial", "x1", "", "10", "9.5", "50%", "a_b", "Ärger", "2026-03-01", "1772323200")
DATES = ("2026-03-01", "2026-03-24T10:30:00Z", "2026-03-31 10:30:00+02:00", "2026-02-30", "1772323200", "soon")
PATTERNS = ("^p", "(a|b)_?b", r"\d+$", "(?i)PRO", "[^a-z ]", r"\bt", "o{1,2}", ".")
AGO = ("1d", "-7d", "2w", "-1m", "3m", "1y", "36h")
INTERVALS = ("day", "week", "month", "year")
GAPS = (
    timedelta(0),
    timedelta(seconds=1),
    timedelta(hours=11),
    timedelta(days=1),
    timedelta(days=2, hours=3),
    timedelta(days=7),
    timedelta(days=14),
    timedelta(days=31),
    timedelta(days=59),
    timedelta(days=400),
    timedelta(days=-1),
)
NEAR = (timedelta(0), timedelta(microseconds=1), timedelta(microseconds=-1), timedelta(hours=5))


@st.composite
def instants(draw: Any, now: datetime) -> datetime:
    """A moment near an edge of some window."""
    if draw(st.booleans()):
        edge = Ago(draw(st.integers(0, 3)), draw(st.sampled_from(INTERVALS))).before(now)
    else:
        edge = now - draw(st.sampled_from(GAPS))
    return edge + draw(st.sampled_from(NEAR))


def held() -> st.SearchStrategy[Any]:
    """A property's value."""
    return st.one_of(
        st.sampled_from(TEXTS),
        st.sampled_from(DATES),
        st.integers(-3, 12),
        st.sampled_from((9.5, 10.25, -0.5)),
        st.booleans(),
        st.none(),
        st.lists(st.sampled_from(TEXTS), max_size=2),
    )


def properties() -> st.SearchStrategy[dict[str, Any]]:
    return st.dictionaries(st.sampled_from(KEYS), held(), max_size=4)


@st.composite
def persons(draw: Any, now: datetime) -> Person:
    names = st.sampled_from(EVENTS)
    events = st.builds(Event, names, instants(now), st.dictionaries(st.just("kind"), held(), max_size=1))
    person = Person(draw(properties()), draw(st.lists(events, max_size=6)))
    person.is_removed = draw(st.integers(0, 9)) == 0
    return person


@st.composite
def conditions(draw: Any) -> dict[str, Any]:
    """Operator and value of a condition on a property."""
    operator = draw(st.sampled_from(OPERATORS))
    if operator in ("is_set", "is_not_set"):
        return {"operator": operator}
    if operator.startswith("is_date"):
        return {"operator": operator, "value": draw(st.sampled_from((*AGO, *DATES[:2])))}
    if operator in ("regex", "not_regex"):
        return {"operator": operator, "value": draw(st.sampled_from(PATTERNS))}
    one = st.one_of(st.sampled_from(TEXTS), st.integers(-3, 12), st.sampled_from((9.5, "9.5")), st.booleans())
    if operator in ("gt", "gte", "lt", "lte"):
        return {"operator": operator, "value": draw(one)}
    return {"operator": operator, "value": draw(st.one_of(one, st.lists(one, max_size=3)))}


OPERATORS = (
    "exact",
    "is_not",
    "icontains",
    "not_icontains",
    "regex",
    "not_regex",
    "gt",
    "lt",
    "gte",
    "lte",
    "is_set",
    "is_not_set",
    "is_date_exact",
    "is_date_after",
    "is_date_before",
    "in",
    "not_in",
)
KINDS = (
    "performed_event",
    "performed_event_multiple",
    "performed_event_first_time",
    "performed_event_sequence",
    "performed_event_regularly",
    "stopped_performing_event",
    "restarted_performing_event",
)


@st.composite
def person_leaves(draw: Any) -> dict[str, Any]:
    return {"type": "person", "key": draw(st.sampled_from(KEYS)), **draw(conditions())}


@st.composite
def behaviours(draw: Any) -> dict[str, Any]:
    kind = draw(st.sampled_from(KINDS))
    names, intervals = st.sampled_from(EVENTS), st.sampled_from(INTERVALS)
    leaf: dict[str, Any] = {"type": "behavioral", "key": draw(names), "event_type": "events", "value": kind}
    if kind != "performed_event_regularly" and draw(st.integers(0, 4)) == 0:
        leaf["explicit_datetime"] = draw(st.sampled_from((*AGO, *DATES[:2])))
        leaf |= {"explicit_datetime_to": draw(st.sampled_from(("1d", "2026-03-30")))} if draw(st.booleans()) else {}
    else:
        leaf |= {"time_value": draw(st.integers(1, 3)), "time_interval": draw(intervals)}
    if kind in ("performed_event_multiple", "performed_event_regularly"):
        signs = st.sampled_from(("gte", "lte", "gt", "lt", "eq", "exact", None))
        leaf |= {"operator": draw(signs), "operator_value": draw(st.integers(0, 3))}
    if kind == "performed_event_regularly":
        least = draw(st.integers(1, 3))
        leaf |= {"min_periods": least, "total_periods": draw(st.integers(least, 4))}
    if kind in ("performed_event_sequence", "stopped_performing_event", "restarted_performing_event"):
        leaf |= {"seq_time_value": draw(st.integers(0, 2)), "seq_time_interval": draw(intervals)}
    if kind == "performed_event_sequence":
        leaf |= {"seq_event": draw(names), "seq_event_type": "events"}
    if draw(st.integers(0, 3)) == 0:
        leaf["event_filters"] = [{"type": "event", "key": "kind", **draw(conditions())}]
    return leaf


@st.composite
def cohort_leaves(draw: Any, numbers: tuple[int, ...]) -> dict[str, Any]:
    return {"type": "cohort", "key": "id", "value": draw(st.sampled_from(numbers))}


@st.composite
def negatable(draw: Any, leaves: Any) -> dict[str, Any]:
    return draw(leaves) | {"negation": draw(st.booleans())}


def filters(numbers: tuple[int, ...] = ()) -> st.SearchStrategy[dict[str, Any]]:
    """Groups within groups; `numbers` are of cohorts that may be named."""
    kinds = [person_leaves(), behaviours(), *([cohort_leaves(numbers)] if numbers else [])]
    leaf = negatable(st.one_of(kinds))

    def group(children: Any) -> Any:
        return st.fixed_dictionaries(
            {"type": st.sampled_from(("AND", "OR")), "values": st.lists(children, min_size=1, max_size=3)}
        )

    return st.builds(lambda root: {"properties": root}, group(st.recursive(leaf, group, max_leaves=6)))


PERSONS = text("""
INSERT INTO persons (id, organization_id, properties, removed_at)
SELECT id, :organization_id, properties, CASE WHEN removed THEN now() END
  FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS one (id uuid, properties jsonb, removed boolean)
""")
HAPPENED = text("""
INSERT INTO events (organization_id, id, event, person_id, distinct_id, timestamp, properties)
SELECT :organization_id, gen_random_uuid(), event, person_id, '', timestamp, properties
  FROM jsonb_to_recordset(CAST(:rows AS jsonb))
       AS one (person_id uuid, event text, timestamp timestamptz, properties jsonb)
""")


async def keep(session: AsyncSession, organization_id: UUID, people: list[Person]) -> dict[UUID, Person]:
    """Write persons with their events; by id."""
    known = {uuid4(): one for one in people}
    rows = [{"id": key, "properties": one.properties, "removed": one.is_removed} for key, one in known.items()]
    await session.execute(PERSONS, {"organization_id": organization_id, "rows": _json(rows)})
    await happen(session, organization_id, [(key, event) for key, one in known.items() for event in one.events])
    return known


async def happen(session: AsyncSession, organization_id: UUID, events: list[tuple[UUID, Event]]) -> None:
    """Write events."""
    rows = [
        {"person_id": key, "event": one.name, "timestamp": one.timestamp, "properties": one.properties}
        for key, one in events
    ]
    await session.execute(HAPPENED, {"organization_id": organization_id, "rows": _json(rows)})


def _json(rows: Any) -> str:
    return msgspec.json.encode(rows).decode()
