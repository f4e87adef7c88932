"""A column of small sets, by number: flat arrays as they were loaded, and beside them what has changed since.

A loaded row costs four bytes and four for each number in it. One that changes is copied out of the arrays first.
"""

from array import array

import numpy as np

from authz.index.pairs import Pairs, flat
from authz.index.rows import NONE, Row, added, removed


class Rows:
    """Sets of numbers by number; rows that were never set are empty."""

    __slots__ = ("_changed", "_first", "_values")

    def __init__(self) -> None:
        """All rows are empty."""
        self._first = array("I", [0])
        self._values = array("I")
        self._changed: dict[int, Row] = {}

    def __getitem__(self, number: int) -> "Row | array[int]":
        if (changed := self._changed.get(number)) is not None:
            return changed
        first = self._first
        if number + 1 < len(first) and (start := first[number]) != (end := first[number + 1]):
            return self._values[start:end]
        return NONE

    def add(self, number: int, value: int) -> None:
        """Put `value` into the row of `number`."""
        self._changed[number] = added(self._own(number), value)

    def discard(self, number: int, value: int) -> None:
        """Take `value` out of the row of `number`."""
        self._changed[number] = removed(self._own(number), value)

    def load(self, pairs: Pairs, rows: int, *, by_right: bool = False) -> None:
        """Make all rows anew: for each of `rows` left numbers its right ones, or the other way about."""
        numbers, values = (pairs.right, pairs.left) if by_right else (pairs.left, pairs.right)
        first = np.zeros(rows + 1, np.int64)
        np.cumsum(np.bincount(numbers, minlength=rows), out=first[1:])
        self._first, self._values = flat(first), flat(values[np.argsort(numbers, kind="stable")])
        self._changed = {}

    def _own(self, number: int) -> Row:
        row = self[number]
        return row if isinstance(row, tuple | set) else tuple(row)
