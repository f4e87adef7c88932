"""Small sets of dense numbers: a tuple while they are few, a set beyond, a roaring bitmap where they are many.

At the full size nearly every row holds fewer than eight numbers; a tuple of them takes a tenth of a set's memory.
"""

from pyroaring import AbstractBitMap, BitMap, FrozenBitMap

Row = tuple[int, ...] | set[int]

NONE: Row = ()
NOBODY = FrozenBitMap()
LONGEST_TUPLE = 8


def added(row: Row, number: int) -> Row:
    """The row with `number` in it. A row that is a set is changed in place."""
    if number in row:
        return row
    if isinstance(row, set):
        row.add(number)
        return row
    return (*row, number) if len(row) < LONGEST_TUPLE else {*row, number}


def removed(row: Row, number: int) -> Row:
    """The row without `number`. A row that is a set is changed in place."""
    if isinstance(row, set):
        row.discard(number)
        return row
    return tuple(one for one in row if one != number)


def include(column: list[AbstractBitMap], at: int, number: int) -> None:
    """Put `number` into the bitmap at `at`; empty ones share one object."""
    bitmap = column[at]
    if isinstance(bitmap, BitMap):
        bitmap.add(number)
    else:
        column[at] = BitMap((number,))


def exclude(column: list[AbstractBitMap], at: int, number: int) -> None:
    """Take `number` out of the bitmap at `at`."""
    bitmap = column[at]
    if isinstance(bitmap, BitMap):
        bitmap.discard(number)
        if not bitmap:
            column[at] = NOBODY
