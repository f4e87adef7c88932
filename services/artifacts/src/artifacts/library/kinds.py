"""A kind of record in the library."""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

import msgspec
from contracts.event import Event
from sqlalchemy import TextClause

Announce = Callable[[UUID, UUID], Event]
"""Record and organization -> the event."""


class Kind(msgspec.Struct, frozen=True, kw_only=True):
    """What differs between kinds.

    `columns` are those that a client writes, with their SQL types; `id_field` names the record in the dialect. `used`
    is SQL that counts the live cohorts with each of `:ids` in `:organization_id`.
    """

    name: str
    model: Any
    columns: Mapping[str, str]
    id_field: str
    used: TextClause
    created: Announce
    updated: Announce
    deleted: Announce

    @property
    def table(self) -> str:
        """The table of the records."""
        return self.model.__table__.name


class Item(msgspec.Struct, kw_only=True):
    """A record as a client describes it. A value that is None stays, or is the column's default in a new record."""

    id: UUID | None = None
    values: dict[str, Any]
    department_ids: list[UUID] | None = None
    departments: list[str] | None = None
