"""An event as it was captured."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec


class Captured(msgspec.Struct, frozen=True, kw_only=True):
    """An event of a request, checked.

    `properties` are JSON. `set`, `set_once` and `unset` change its person's. `identifies` says that the distinct id is
    somebody's own; `merges` is another distinct id of the same person. `personless` asks for no person to be made.
    """

    id: UUID
    event: str
    distinct_id: str
    timestamp: datetime
    properties: bytes = b"{}"
    set: dict[str, Any] = {}
    set_once: dict[str, Any] = {}
    unset: tuple[str, ...] = ()
    identifies: bool = False
    merges: str | None = None
    personless: bool = False

    @property
    def changes(self) -> bool:
        """Whether the person's properties may be others after it."""
        return bool(self.set or self.set_once or self.unset)

    @property
    def wants_person(self) -> bool:
        """Whether there has to be a person."""
        return not self.personless or self.changes or self.identifies
