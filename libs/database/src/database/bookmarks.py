"""Where pages of a list begin, so that a page far down need not pass over all the rows before it."""

from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Hashable
from typing import Any, NamedTuple

MOST_LISTS = 1000
MOST_MARKS = 5000


class Way(NamedTuple):
    """How to come to a page: from the row `start` on if there is one, from the end if `backwards`, `skip` rows on."""

    start: Any
    backwards: bool
    skip: int
    take: int


class Bookmarks:
    """Rows whose places in a list are known: the first and the last of each page that was asked for.

    A list's key holds a version that changes with every change of what the list shows, so a bookmark is exact or is
    never found. They are kept for the lists that were asked last.
    """

    def __init__(self) -> None:
        """There are none yet."""
        self._lists: OrderedDict[Hashable, tuple[list[int], dict[int, Any]]] = OrderedDict()

    def way(self, key: Hashable, offset: int, limit: int, total: int | None) -> Way:
        """The shortest way to a page of a list with `total` rows; never from the end where that is None.

        Whoever comes from the end makes sure afterwards that the list has not changed since its rows were counted.
        """
        start, skip = self._before(key, offset)
        if total is not None:
            take = max(0, min(limit, total - offset))
            if (behind := total - offset - take) < skip:
                return Way(None, True, behind, take)
        return Way(start, False, skip, limit)

    def note(self, key: Hashable, offset: int, rows: int, first: Any, last: Any) -> None:
        """Remember the first and the last row of a page."""
        offsets, marks = self._lists.setdefault(key, ([], {}))
        self._lists.move_to_end(key)
        for place, row in ((offset, first), (offset + rows - 1, last)):
            if place and place not in marks and len(marks) < MOST_MARKS:
                offsets.insert(bisect_right(offsets, place), place)
                marks[place] = row
        while len(self._lists) > MOST_LISTS:
            self._lists.popitem(last=False)

    def _before(self, key: Hashable, offset: int) -> tuple[Any, int]:
        offsets, marks = self._lists.get(key, ((), {}))
        place = bisect_right(offsets, offset)
        if not place:
            return None, offset
        found = offsets[place - 1]
        return marks[found], offset - found
