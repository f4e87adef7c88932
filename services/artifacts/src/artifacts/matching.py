"""Conditions on columns."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import ARRAY, Boolean, ColumnElement, any_, literal
from sqlalchemy.orm import InstrumentedAttribute


def contains(column: InstrumentedAttribute[Any], text: str) -> ColumnElement[bool]:
    """Whether a column holds `text`, letters of either case; `%` and `_` stand for themselves."""
    return column.ilike(like(text) or "%", escape="\\")


def like(text: str) -> str | None:
    """The pattern of ILIKE that finds a text as it is; None for an empty one."""
    if not text:
        return None
    escaped = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"


def overlaps(column: Any, values: Iterable[Any]) -> ColumnElement[bool]:
    """Whether an array column holds one of the values."""
    return column.op("&&", return_type=Boolean())(literal(list(values), column.type))


def holds(column: Any, value: Any) -> ColumnElement[bool]:
    """Whether an array column holds the value."""
    return column.op("@>", return_type=Boolean())(literal([value], column.type))


def among(column: Any, values: Iterable[Any]) -> ColumnElement[bool]:
    """Whether a column is one of the values: one array parameter, however many there are."""
    return column == any_(literal(list(values), ARRAY(column.type)))
