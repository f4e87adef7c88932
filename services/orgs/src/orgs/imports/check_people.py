"""Checking a file of people whole."""

from collections.abc import Iterator, Sequence
from contextlib import aclosing
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from orgs.imports.faults import Faults
from orgs.imports.keys import Meant, groups_of, people_of
from orgs.sheets.ahead import batches
from orgs.sheets.reading import Fault, Row, rows_of

TURN = 1000
"""How many rows are looked at in one go."""


async def check_people(session: AsyncSession, organization_id: UUID, text: str) -> Faults:
    """Every problem of a file of people: cells, keys that repeat, groups that are not there or hold nobody."""
    faults = Faults()
    seen: dict[UUID, int] = {}
    groups: dict[str, Meant] = {}
    async with aclosing(batches(rows_of("individuals", text), TURN)) as ahead:
        async for some in ahead:
            sound = list(sound_of(some, faults))
            fresh = {key for row in sound for key in row.values.get("groups") or ()} - groups.keys()
            if fresh:
                groups |= await groups_of(session, organization_id, fresh)
            people = await people_of(session, organization_id, [row.values["key"] for row in sound])
            for row in sound:
                repeated(row, seen.setdefault(people[row.values["key"]].id, row.line), faults)
                _check(row, organization_id, people, groups, faults)
    return faults


def sound_of(some: Sequence[Row | list[Fault]], faults: Faults) -> Iterator[Row]:
    """The rows whose cells can be read; of the others it is noted what is wrong."""
    for one in some:
        if isinstance(one, list):
            for fault in one:
                faults.add(*fault)
        else:
            yield one


def repeated(row: Row, first: int, faults: Faults) -> None:
    """Note a row that means the same as an earlier one, in line `first`."""
    if first != row.line:
        faults.add(row.line, "key", "duplicate", f"Line {first} means the same.")


def _check(row: Row, organization_id: UUID, people: dict[str, Meant], groups: dict[str, Meant], faults: Faults) -> None:
    person = people[row.values["key"]].found
    if person is not None and person.organization_id != organization_id:
        faults.add(row.line, "key", "taken", "The key cannot be used; choose another.")
    for key in row.values.get("groups") or ():
        if (problem := unfit(groups[key].found)) is not None:
            faults.add(row.line, "groups", *problem)


def unfit(group: Any) -> tuple[str, str] | None:
    """Why individuals cannot be put into a group, or None."""
    if group is None:
        return "unknown-group", "There is no such group."
    if group.type == "provider_only":
        return "provider-only", "The group is for staff only."
    if group.type != "regular":
        return "kept-group", "The platform keeps this group by itself."
    return None
