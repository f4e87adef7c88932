"""Parts of a compiled query: SQL with the kind of value that it gives.

A property may hold any JSON. It is read as the kind that it meets: as a number beside a number, else as a text; what is
not a number there is as good as none. Texts beside other kinds are read alike.
"""

import re
from datetime import datetime
from uuid import UUID

import msgspec

from artifacts.hogql.errors import NotUnderstood

ISO = re.compile(r"\d{4}-\d\d-\d\d([ T]\d\d:\d\d(:\d\d(\.\d{1,6})?)?(Z|[+-]\d\d:?\d\d)?)?", re.ASCII)
NUMBER = re.compile(r"-?\d{1,30}(\.\d{1,30})?([eE][+-]?\d{1,2})?", re.ASCII)

Kind = str
"""text, number, bool, time, uuid, json, interval or null."""

TYPES: dict[Kind, str] = {
    "text": "text",
    "number": "numeric",
    "bool": "boolean",
    "time": "timestamp with time zone",
    "uuid": "uuid",
    "json": "jsonb",
    "interval": "interval",
}
READ = frozenset({"number", "bool", "time", "uuid"})
"""Kinds as which a text can be read."""


class Value(msgspec.Struct, frozen=True, kw_only=True):
    """An expression.

    `text` is the same as a text where that is another expression; `literal` is a text of the query; `is_aggregate`
    spans rows.
    """

    sql: str
    kind: Kind
    text: str | None = None
    literal: str | None = None
    is_aggregate: bool = False


def as_text(value: Value) -> str:
    """SQL of a value as a text; JSON without quotes."""
    if value.kind == "text":
        return value.sql
    if value.kind == "json":
        return value.text or f"({value.sql} #>> '{{}}')"
    if value.kind == "bool":
        return f"CAST({value.sql} AS text)"
    return f"CAST({value.sql} AS text)"


def as_kind(value: Value, kind: Kind) -> str:
    """SQL of a value as another kind; NULL where a text does not say such a value. Raises NotUnderstood."""
    if value.kind in {kind, "null"}:
        return value.sql if value.kind == kind else f"CAST(NULL AS {TYPES[kind]})"
    if kind == "text":
        return as_text(value)
    if kind in READ and value.literal is not None:
        return f"CAST({value.sql} AS {TYPES[kind]})" if _reads(value.literal, kind) else f"CAST(NULL AS {TYPES[kind]})"
    if kind in READ and value.kind in {"text", "json"}:
        written = as_text(value)
        return f"CASE WHEN pg_input_is_valid({written}, '{TYPES[kind]}') THEN CAST({written} AS {TYPES[kind]}) END"
    if kind == "bool" and value.kind == "number":
        return f"({value.sql} <> 0)"
    if kind == "number" and value.kind == "bool":
        return f"CAST(CAST({value.sql} AS integer) AS numeric)"
    raise NotUnderstood(f"A {value.kind} stands where a {kind} is needed.")


def _reads(literal: str, kind: Kind) -> bool:
    """Whether a text of the query says a value of a kind: the planner reads it before any condition is looked at."""
    try:
        if kind == "uuid":
            return str(UUID(literal)) == literal.lower()
        if kind == "time":
            return bool(ISO.fullmatch(literal) and datetime.fromisoformat(literal))
    except ValueError:
        return False
    return bool(NUMBER.fullmatch(literal)) if kind == "number" else literal in {"true", "false"}


def common(values: list[Value]) -> Kind:
    """The kind in which values can be held against each other. Raises NotUnderstood."""
    kinds = {value.kind for value in values} - {"null"}
    if not kinds:
        return "text"
    firm = kinds - {"json", "text"}
    if len(firm) == 1:
        (found,) = firm
        return found
    if not firm:
        return "text"
    if firm == {"bool", "number"}:
        return "number"
    raise NotUnderstood(f"These cannot be held against each other: {', '.join(sorted(kinds))}.")
