"""What becomes of the items of a bulk write."""

from uuid import UUID

import msgspec


class Problem(msgspec.Struct, frozen=True):
    """What is wrong with a field of an item."""

    field: str
    message: str


class Outcome(msgspec.Struct, frozen=True):
    """What became of one item: its record, or the reasons why not."""

    id: UUID | None
    problems: list[Problem]
