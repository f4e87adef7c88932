"""The parameters of a compiled statement: nothing of a filter stands in its text; moments are known when it runs."""

import re
from collections.abc import Hashable, Iterable
from datetime import datetime
from typing import Any

import msgspec

from artifacts.cohorts.filters.moments import Ago, Edge, midnight, resolve

NOW = Ago(0, "day")
PLACE = re.compile(r"\$([0-9]+)")


class DayEdge(msgspec.Struct, frozen=True):
    """An edge that moves at midnight only: so long before the beginning of the day, and so many days after that."""

    ago: Ago
    days: int = 0

    def at(self, now: datetime) -> datetime:
        """Where it stands."""
        begins = midnight(self.ago.before(midnight(now)))
        return Ago(self.days, "day").after(begins)


class Several(msgspec.Struct, frozen=True):
    """Several parameters as one array."""

    values: tuple[Any, ...]


Moving = Edge | DayEdge


class Statement(msgspec.Struct, frozen=True):
    """SQL with `$1`, `$2`, … and its parameters, some of which move with the clock."""

    sql: str
    parameters: tuple[Any, ...]

    def bind(self, now: datetime) -> list[Any]:
        """The parameters at a moment."""
        return [_at(one, now) for one in self.parameters]


class Values:
    """Collects parameters; the same one is given once."""

    def __init__(self, parameters: Iterable[Any] = ()) -> None:
        """`parameters` are those of a statement that becomes a part of another one."""
        self.parameters: list[Any] = list(parameters)
        self._places: dict[Hashable, str] = {}

    def add(self, value: Any, kind: str) -> str:
        """A parameter's place, with its type: `$3::text`."""
        key = (kind, tuple(value)) if isinstance(value, list) else (kind, value)
        if key not in self._places:
            self.parameters.append(value)
            self._places[key] = f"${len(self.parameters)}::{kind}"
        return self._places[key]

    def moment(self, edge: Moving) -> str:
        """The place of a moment."""
        return self.add(edge, "timestamptz")

    def statement(self, sql: str) -> Statement:
        """The statement with what was collected; the server refuses a parameter that its text does not mention."""
        used = sorted({int(place) for place in PLACE.findall(sql)})
        if len(used) == len(self.parameters):
            return Statement(sql, tuple(self.parameters))
        numbers = {old: new for new, old in enumerate(used, 1)}
        renumbered = PLACE.sub(lambda found: f"${numbers[int(found[1])]}", sql)
        return Statement(renumbered, tuple(self.parameters[old - 1] for old in used))


def moved(edge: Moving, now: datetime) -> datetime:
    """Where any edge stands at a moment."""
    return edge.at(now) if isinstance(edge, DayEdge) else resolve(edge, now)


def _at(value: Any, now: datetime) -> Any:
    if isinstance(value, Several):
        return [_at(one, now) for one in value.values]
    return moved(value, now) if isinstance(value, Ago | DayEdge) else value
