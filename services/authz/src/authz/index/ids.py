"""Dense numbers for UUIDs: 16 bytes an id and one open-addressing table, both flat, so millions load in a second.

A dict of texts costs ten times the memory and a Python call an id when it is filled.
"""

from array import array
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

NOTHING = -1
"""No such number."""

Raw = NDArray[np.uint8]
"""UUIDs as rows of 16 bytes."""
Numbers = NDArray[np.int32]

WIDTH = 16
SCATTER = 0x9E3779B97F4A7C15
"""2^64 divided by the golden ratio (Knuth, volume 3, 6.4): ids that differ little land far from each other."""
WORD = (1 << 64) - 1
FIRST_BITS = 6
FRAGMENT = 39
"""An id in JSON with its quotation marks and a comma."""

PARTS = ((0, 8, 1), (8, 12, 10), (12, 16, 15), (16, 20, 20), (20, 32, 25))
"""Where the digits of an id begin and end, and where they stand in its fragment."""
DASHES = (9, 14, 19, 24)
MOST_RECENT = 20_000


class Ids:
    """Ids by number, in the order in which they came."""

    def __init__(self) -> None:
        """No ids yet."""
        self._raw = bytearray()
        self._slots = array("i", [NOTHING]) * (1 << FIRST_BITS)
        self._shift = 64 - FIRST_BITS
        self._recent: dict[str, int] = {}
        self.ascending = True

    def __len__(self) -> int:
        return len(self._raw) // WIDTH

    def find(self, text: str) -> int:
        """The number of an id, or NOTHING; also for what is no UUID.

        A number is for ever, so those that were asked for lately are kept by their text: a tenth of the work.
        """
        if (recent := self._recent.get(text)) is not None:
            return recent
        found = self._find(text)
        if found != NOTHING:
            if len(self._recent) >= MOST_RECENT:
                self._recent.clear()
            self._recent[text] = found
        return found

    def _find(self, text: str) -> int:
        try:
            raw = bytes.fromhex(text.replace("-", ""))
        except ValueError:
            return NOTHING
        return self._slots[self._slot(raw)] if len(raw) == WIDTH else NOTHING

    def number(self, text: str) -> tuple[int, bool]:
        """The number of an id, given now if it is new, and whether it is new. Raises ValueError for no UUID."""
        raw = UUID(text).bytes
        at = self._slot(raw)
        if (found := self._slots[at]) != NOTHING:
            return found, False
        number = len(self)
        self.ascending = self.ascending and raw > self._raw[-WIDTH:]
        self._raw += raw
        self._slots[at] = number
        if 2 * number > len(self._slots):
            self._spread()
        return number, True

    def __getitem__(self, number: int) -> str:
        """The id with a number, in lower case with hyphens. Raises IndexError where there is none."""
        if not 0 <= number < len(self):
            raise IndexError(number)
        digits = self._raw[WIDTH * number : WIDTH * (number + 1)].hex()
        return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"

    def fragments(self, numbers: Numbers) -> bytes:
        """Ids as the items of a JSON array: in quotation marks, with commas between them."""
        digits = np.frombuffer(self._rows()[numbers].tobytes().hex().encode(), np.uint8).reshape(-1, 2 * WIDTH)
        written = np.empty((len(digits), FRAGMENT), np.uint8)
        written[:, (0, FRAGMENT - 2)] = ord('"')
        written[:, FRAGMENT - 1] = ord(",")
        written[:, DASHES] = ord("-")
        for start, end, place in PARTS:
            written[:, place : place + end - start] = digits[:, start:end]
        return written.tobytes()[:-1]

    def in_order(self, numbers: Numbers) -> Numbers:
        """The numbers in the order of their ids."""
        if self.ascending:
            return np.sort(numbers)
        high, low = _words(self._rows()[numbers])
        return numbers[np.lexsort((low, high))]

    def find_all(self, raw: Raw) -> Numbers:
        """The numbers of many ids, NOTHING for those not known."""
        slots, rows = np.frombuffer(self._slots, np.int32), self._rows()
        found = np.full(len(raw), NOTHING, np.int32)
        if len(rows) == 0:
            return found
        at, open_ = self._places(raw), np.arange(len(raw))
        high, low = _words(raw)
        own_high, own_low = _words(rows)
        while len(open_):
            held = slots[at]
            same = (held != NOTHING) & (own_high[held] == high[open_]) & (own_low[held] == low[open_])
            found[open_[same]] = held[same]
            onward = (held != NOTHING) & ~same
            open_, at = open_[onward], (at[onward] + 1) & (len(slots) - 1)
        return found

    def number_all(self, raw: Raw) -> Numbers:
        """The numbers of many ids; new ones get theirs in ascending order."""
        found = self.find_all(raw)
        missing = found == NOTHING
        if missing.any():
            self._append(np.unique(np.ascontiguousarray(raw[missing]).view(f"V{WIDTH}")))
            found[missing] = self.find_all(raw[missing])
        return found

    def _append(self, fresh: NDArray[np.void]) -> None:
        added = fresh.tobytes()
        self.ascending = self.ascending and added[:WIDTH] > self._raw[-WIDTH:]
        self._raw += added
        self._spread()

    def _rows(self) -> Raw:
        """All ids as rows; no id can be added while the view lives."""
        return np.frombuffer(self._raw, np.uint8).reshape(-1, WIDTH)

    def _slot(self, raw: bytes | bytearray) -> int:
        """Where an id is, or the empty place where it would be."""
        slots, ids = self._slots, self._raw
        last = len(slots) - 1
        at = (int.from_bytes(raw[8:], "big") * SCATTER & WORD) >> self._shift
        while (held := slots[at]) != NOTHING and ids[WIDTH * held : WIDTH * (held + 1)] != raw:
            at = at + 1 & last
        return at

    def _places(self, raw: Raw) -> NDArray[np.int64]:
        _, low = _words(raw)
        return ((low * np.uint64(SCATTER)) >> np.uint64(self._shift)).astype(np.int64)

    def _spread(self) -> None:
        """Put all ids into a table of at least twice their number."""
        bits = max(FIRST_BITS, (2 * len(self)).bit_length())
        self._shift = 64 - bits
        slots = np.full(1 << bits, NOTHING, np.int32)
        waiting = np.arange(len(self), dtype=np.int32)
        at = self._places(self._rows())
        while len(waiting):
            empty = slots[at] == NOTHING
            slots[at[empty]] = waiting[empty]  # of several that want one place the last has it
            left = slots[at] != waiting
            waiting, at = waiting[left], (at[left] + 1) & (len(slots) - 1)
        self._slots = array("i")
        self._slots.frombytes(slots.tobytes())


def _words(raw: Raw) -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
    """The upper and lower halves of ids, as numbers that sort as the ids do."""
    both = np.ascontiguousarray(raw).view(">u8").astype(np.uint64)
    return both[:, 0], both[:, 1]
