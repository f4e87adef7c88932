"""What queries may read: two views of one organization, and what they themselves select.

| table | columns |
|---|---|
| `persons` | `id`, `created_at`, `last_seen_at`, `is_identified`, `properties` |
| `events` | `uuid`, `event`, `timestamp`, `created_at`, `distinct_id`, `person_id`, `properties`, `person.…` |
| `person_distinct_ids` | `distinct_id`, `person_id` |
"""

from collections.abc import Mapping

import msgspec

from artifacts.hogql.values import Kind

ORGANIZATION = "CAST(:organization_id AS uuid)"
PERSONS: dict[str, tuple[str, Kind]] = {
    "id": ("id", "uuid"),
    "created_at": ("created_at", "time"),
    "last_seen_at": ("last_seen_at", "time"),
    "is_identified": ("is_identified", "bool"),
    "properties": ("properties", "json"),
}
EVENTS: dict[str, tuple[str, Kind]] = {
    "uuid": ("id", "uuid"),
    "event": ("event", "text"),
    "timestamp": ("timestamp", "time"),
    "created_at": ("received_at", "time"),
    "distinct_id": ("distinct_id", "text"),
    "person_id": ("person_id", "uuid"),
    "properties": ("properties", "json"),
}
DISTINCT_IDS: dict[str, tuple[str, Kind]] = {
    "distinct_id": ("distinct_id", "text"),
    "person_id": ("person_id", "uuid"),
}
PERSON = "person"
TABLES: dict[str, tuple[dict[str, tuple[str, Kind]], str]] = {
    "persons": (PERSONS, "persons"),
    "events": (EVENTS, "events"),
    "person_distinct_ids": (DISTINCT_IDS, "person_distinct_ids"),
}
PEOPLE = {"persons": "id", "events": "person_id", "person_distinct_ids": "person_id"}
"""Which column of a table is the person behind a row."""


class Source(msgspec.Struct):
    """Something in FROM. `columns` are SQL names and kinds by what queries call them."""

    name: str
    table: str | None
    columns: Mapping[str, tuple[str, Kind]]
    sql: str = ""
    alias: str | None = None
    wants_person: bool = False

    def rendered(self) -> str:
        """The SQL in FROM; of a table one organization's rows only."""
        if self.table is None:
            return f"({self.sql}) AS {self.name}"
        columns = ", ".join(f"own.{column}" for column, _ in self.columns.values())
        where = f"own.organization_id = {ORGANIZATION}"
        if self.table == "persons":
            where += " AND own.removed_at IS NULL"
        if not self.wants_person:
            return f"(SELECT {columns} FROM {self.table} own WHERE {where}) AS {self.name}"  # noqa: S608 names are ours
        theirs = ", ".join(f"them.{column} AS their_{column}" for column, _ in PERSONS.values())
        return (
            f"(SELECT {columns}, {theirs} FROM {self.table} own "  # noqa: S608 names are ours
            f"LEFT JOIN persons them ON them.id = own.person_id AND them.organization_id = {ORGANIZATION} "
            f"AND them.removed_at IS NULL WHERE {where}) AS {self.name}"
        )
