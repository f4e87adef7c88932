"""What names mean within a select, and what is bound."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from artifacts.hogql.errors import NotUnderstood
from artifacts.hogql.sources import PERSON, PERSONS, Source
from artifacts.hogql.values import Kind, Value

MOST_WRITTEN = 1_000_000
"""Characters of SQL, with all that is written on the way to it."""


class Bound:
    """The texts of a query as parameters: the same text is the same parameter."""

    def __init__(self) -> None:
        """Nothing is bound."""
        self.values: dict[str, Any] = {}
        self._names: dict[Any, str] = {}
        self.sources = 0
        self._written = 0

    def text(self, value: str) -> str:
        """SQL of a text."""
        if "\x00" in value:
            raise NotUnderstood("A text holds a character that cannot be.")
        return f"CAST(:{self._name(value)} AS text)"

    def path(self, keys: Sequence[str]) -> str:
        """SQL of the way into JSON."""
        return f"CAST(:{self._name(tuple(keys))} AS text[])"

    def name(self) -> str:
        """A name for something in FROM."""
        self.sources += 1
        return f"t{self.sources}"

    def spend(self, sql: str) -> None:
        """Count what is written: names that stand for each other would write more with every step."""
        self._written += len(sql)
        if self._written > MOST_WRITTEN:
            raise NotUnderstood("The query is too complex.")

    def _name(self, value: Any) -> str:
        if value not in self._names:
            self._names[value] = f"v{len(self._names)}"
            self.values[self._names[value]] = list(value) if isinstance(value, tuple) else value
        return self._names[value]


class Selected(msgspec.Struct):
    """A compiled select: its columns are `c1`, `c2`, … with these names and kinds."""

    sql: str
    names: list[str | None]
    kinds: list[Kind]
    person: int | None = None
    """The place of the column that holds persons, from 0."""

    @property
    def columns(self) -> dict[str, tuple[str, Kind]]:
        """The columns by their names."""
        return {
            name: (f"c{place}", kind)
            for place, (name, kind) in enumerate(zip(self.names, self.kinds, strict=True), 1)
            if name is not None
        }


class Scope:
    """The sources of a select and the names that it gave itself (`aliases`, compiled when they are used)."""

    def __init__(self, bound: Bound, tables: Mapping[str, Selected]) -> None:
        """`tables` are the selects that `WITH` names."""
        self.bound = bound
        self.tables = tables
        self.sources: list[Source] = []
        self.aliases: dict[str, Any] = {}
        self.open: set[str] = set()

    def column(self, parts: Sequence[str]) -> Value | None:
        """The column, or the part of JSON, that a dotted name stands for; None where no source has it."""
        named = [source for source in self.sources if source.alias == parts[0] and len(parts) > 1]
        if named:
            return self._of(named[0], parts[1:])
        found = [value for source in self.sources if (value := self._of(source, parts)) is not None]
        if len(found) > 1:
            raise NotUnderstood(f"{parts[0]} may be of several tables; say whose it is.")
        return found[0] if found else None

    def _of(self, source: Source, parts: Sequence[str]) -> Value | None:
        first, *rest = parts
        if first == PERSON and source.table == "events":
            if not rest or rest[0] not in PERSONS:
                raise NotUnderstood("person has id, created_at, last_seen_at, is_identified and properties.")
            source.wants_person = True
            name, kind = PERSONS[rest[0]]
            return self._reached(f"{source.name}.their_{name}", kind, rest[1:])
        if first not in source.columns:
            return None
        name, kind = source.columns[first]
        return self._reached(f"{source.name}.{name}", kind, rest)

    def _reached(self, sql: str, kind: Kind, keys: Sequence[str]) -> Value:
        if not keys:
            return Value(sql=sql, kind=kind)
        return self.within(Value(sql=sql, kind=kind), keys)

    def within(self, value: Value, keys: Sequence[str]) -> Value:
        """A part of JSON."""
        if value.kind != "json":
            raise NotUnderstood(f"A {value.kind} has no parts.")
        path = self.bound.path(keys)
        return Value(
            sql=f"({value.sql} #> {path})",
            kind="json",
            text=f"({value.sql} #>> {path})",
            is_aggregate=value.is_aggregate,
        )
