"""A page of a list: where it starts and how many rows it may hold."""

from typing import Generic, TypeVar

import msgspec

Row = TypeVar("Row")


class Page(msgspec.Struct, frozen=True):
    """What part of a list is asked for, in rows."""

    limit: int
    offset: int = 0


class Slice(msgspec.Struct, Generic[Row]):
    """One page of rows and how many rows the whole list has."""

    rows: list[Row]
    total: int
    page: Page
