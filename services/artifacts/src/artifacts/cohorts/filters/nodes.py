"""The conditions of a cohort as typed nodes: groups of leaves, each leaf a set of persons."""

from typing import Any, Literal

import msgspec

Kind = Literal[
    "performed_event",
    "performed_event_multiple",
    "performed_event_first_time",
    "performed_event_sequence",
    "performed_event_regularly",
    "stopped_performing_event",
    "restarted_performing_event",
]
Interval = Literal["day", "week", "month", "year"]


class PersonLeaf(msgspec.Struct, frozen=True, kw_only=True):
    """Persons by one of their properties. Without `value` the operator is `is_set` or `is_not_set`."""

    key: str
    operator: str
    value: Any = None
    negation: bool = False


class CohortLeaf(msgspec.Struct, frozen=True, kw_only=True):
    """The members of another cohort; `value` is its integer in the organization."""

    value: int
    negation: bool = False


class EventFilter(msgspec.Struct, frozen=True, kw_only=True):
    """A condition on the events that count. Only `event` can be calculated here."""

    type: Literal["event", "element", "hogql"]
    key: str
    value: Any = None
    operator: str | None = None


class Behavioral(msgspec.Struct, frozen=True, kw_only=True):
    """Persons by what they did. `value` is the kind; which fields it needs is in compiling's `behaviour`."""

    key: str | int
    value: Kind
    event_type: Literal["events", "actions"]
    time_value: int | None = None
    time_interval: Interval | None = None
    explicit_datetime: str | None = None
    explicit_datetime_to: str | None = None
    operator: str | None = None
    operator_value: int | None = None
    seq_event: str | int | None = None
    seq_event_type: str | None = None
    seq_time_value: int | None = None
    seq_time_interval: Interval | None = None
    total_periods: int | None = None
    min_periods: int | None = None
    event_filters: tuple[EventFilter, ...] | None = None
    negation: bool = False


class Group(msgspec.Struct, frozen=True):
    """Nodes in intersection (`AND`) or union (`OR`)."""

    type: Literal["AND", "OR"]
    values: "tuple[Node, ...]" = ()


Leaf = PersonLeaf | CohortLeaf | Behavioral
Node = Group | PersonLeaf | CohortLeaf | Behavioral
