"""Relations between numbers, as they are loaded: many pairs at once, turned into rows or bitmaps."""

from array import array
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pyroaring import AbstractBitMap, BitMap

from authz.index.ids import Numbers
from authz.index.rows import NOBODY


class Pairs:
    """Pairs of numbers, collected part by part."""

    def __init__(self) -> None:
        """No pairs yet."""
        self._left: list[Numbers] = []
        self._right: list[Numbers] = []

    def add(self, left: Numbers, right: Numbers) -> None:
        """Two arrays of the same length."""
        self._left.append(left)
        self._right.append(right)

    @property
    def left(self) -> Numbers:
        """The first number of each pair."""
        return np.concatenate([np.empty(0, np.int32), *self._left])

    @property
    def right(self) -> Numbers:
        """The second number of each pair."""
        return np.concatenate([np.empty(0, np.int32), *self._right])

    def bitmaps(self, rows: int) -> list[AbstractBitMap]:
        """For each of `rows` left numbers its right ones as a roaring bitmap; empty ones share one object."""
        left, right = self.left, self.right
        order = np.lexsort((right, left))
        ordered = flat(right[order])
        held, first = np.unique(left[order], return_index=True)
        made: list[AbstractBitMap] = [NOBODY] * rows
        for number, (start, end) in zip(held.tolist(), pairwise([*first.tolist(), len(ordered)]), strict=True):
            made[number] = BitMap(ordered[start:end])
        return made


def flat(numbers: NDArray[Any]) -> "array[int]":
    """Unsigned numbers as an array of the standard library, whose single items are read faster than numpy's."""
    made = array("I")
    made.frombytes(np.ascontiguousarray(numbers, np.uint32).tobytes())
    return made


def bitmap(numbers: Numbers) -> BitMap:
    """Numbers as a roaring bitmap."""
    return BitMap(flat(numbers))
