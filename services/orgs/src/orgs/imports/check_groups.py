"""Checking a file of groups whole, and putting it in an order in which parents come first."""

import asyncio
from contextlib import aclosing
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from orgs.imports.check_people import TURN, repeated, sound_of
from orgs.imports.faults import Faults
from orgs.imports.keys import groups_of
from orgs.individual_groups.models import DEPTH, KEPT
from orgs.sheets.ahead import batches
from orgs.sheets.reading import Row, rows_of

Rows = dict[str, Row]
"""The rows of a file by key, in their order."""


async def read_groups(text: str, faults: Faults) -> Rows:
    """The rows of a file of groups; what is wrong with cells, and keys that repeat, are noted."""
    rows: Rows = {}
    async with aclosing(batches(rows_of("individual-groups", text), TURN)) as ahead:
        async for some in ahead:
            for row in sound_of(some, faults):
                repeated(row, rows.setdefault(row.values["key"], row).line, faults)
    return rows


async def check_groups(session: AsyncSession, organization_id: UUID, rows: Rows, faults: Faults) -> None:
    """What is wrong with rows beside the groups that there are: parents, cycles, depth, what cannot change."""
    parents = {row.values["parent-key"] for row in rows.values() if row.values.get("parent-key")}
    meant = await groups_of(session, organization_id, {*rows, *parents})
    known = {key: one.found for key, one in meant.items() if one.found is not None}
    levels = Levels(rows, known)
    seen: dict[UUID, int] = {}
    for number, (key, row) in enumerate(rows.items()):
        repeated(row, seen.setdefault(meant[key].id, row.line), faults)
        group, parent = known.get(key), row.values.get("parent-key")
        if group is not None:
            _check_known(row, group, known, faults)
        elif parent is not None and parent not in rows and parent not in known:
            faults.add(row.line, "parent-key", "unknown-group", "There is no such group.")
        elif parent is not None and parent in known and known[parent].type in KEPT:
            faults.add(row.line, "parent-key", "kept-group", "The platform keeps this group by itself.")
        elif (level := levels.of(key)) is None:
            faults.add(row.line, "parent-key", "cycle", "A group cannot stand below itself.")
        elif level > DEPTH:
            faults.add(row.line, "parent-key", "too-deep", f"A tree has at most {DEPTH} levels.")
        if number % TURN == 0:
            await asyncio.sleep(0)


def ordered(rows: Rows) -> list[Row]:
    """The rows with parents first: by how many rows of the file stand above one, then by line."""
    levels = Levels(rows, {})
    return sorted(rows.values(), key=lambda row: (levels.of(row.values["key"]) or 0, row.line))


def _check_known(row: Row, group: Any, known: dict[str, Any], faults: Faults) -> None:
    values = row.values
    if group.type in KEPT:
        faults.add(row.line, "key", "kept-group", "The platform keeps this group by itself.")
        return
    if "parent-key" in values:
        parent = known.get(values["parent-key"]) if values["parent-key"] else None
        if (parent.id if parent else None) != group.parent_id:
            faults.add(row.line, "parent-key", "moved", "The group stands elsewhere; move it by move-group.")
    if "type" in values and values["type"] != group.type:
        faults.add(row.line, "type", "fixed", "The type of a group does not change.")


class Levels:
    """At which level groups stand, roots at 1, when the rows of a file join the groups that there are."""

    def __init__(self, rows: Rows, known: dict[str, Any]) -> None:
        self.rows = rows
        self.known = known
        self.found: dict[str, int | None] = {}

    def of(self, key: str) -> int | None:
        """The level of a row's group, or None if it stands below itself. A parent that is nowhere counts as none."""
        way: list[str] = []
        passed: set[str] = set()
        level: int | None = 0
        at: str | None = key
        while at is not None:
            if at in self.found:
                level = self.found[at]
                break
            if at in self.known:
                level = len(self.known[at].path) + 1
                break
            if at in passed or at not in self.rows:
                level = None if at in passed else 0
                break
            passed.add(at)
            way.append(at)
            at = self.rows[at].values.get("parent-key")
        for one in reversed(way):
            level = None if level is None else level + 1
            self.found[one] = level
        return level
