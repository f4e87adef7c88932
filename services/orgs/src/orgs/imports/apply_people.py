"""Writing rows of people."""

from collections.abc import Sequence
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
from contracts.orgs import IndividualRegistered, IndividualUpdated
from kernel import Conflict
from messaging import publish_many
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from orgs.imports.check_people import unfit
from orgs.imports.keys import groups_of, people_of
from orgs.individual_groups.commands import place
from orgs.sheets.columns import PEOPLE
from orgs.sheets.reading import Row

STORED = {column.attribute: column.cast for column in PEOPLE if column.name not in {"key", "groups"}}
LOCK = text("SELECT id FROM individuals WHERE id = ANY(CAST(:ids AS uuid[])) ORDER BY id FOR NO KEY UPDATE")


class Effect(NamedTuple):
    """How many rows made something and how many changed something."""

    created: int
    changed: int


async def apply_people(session: AsyncSession, actor: UUID | None, organization_id: UUID, rows: Sequence[Row]) -> Effect:
    """Register or change individuals and bring them to their groups. The transaction holds the forest alone.

    Raises Conflict where what the rows need has gone since they were checked.
    """
    known = await people_of(session, organization_id, [row.values["key"] for row in rows])
    meant = [(known[row.values["key"]], row) for row in rows]
    ids = [one.id for one, _ in meant]
    new = [(one.id, row) for one, row in meant if one.found is None]
    old = [(one.id, row) for one, row in meant if one.found is not None]
    wanted = await _wanted(session, organization_id, ids, rows)
    fresh, there = [one for one, _ in new], [one for one, _ in old]
    if there:
        await session.execute(LOCK, {"ids": there})
    await _register(session, actor, organization_id, new)
    changed = await _change(session, organization_id, old)
    placed = await place(session, actor, organization_id, fresh, there, wanted)
    return Effect(len(new), len(changed | placed))


async def _wanted(
    session: AsyncSession, organization_id: UUID, ids: list[UUID], rows: Sequence[Row]
) -> list[tuple[UUID, UUID]] | None:
    if "groups" not in rows[0].values:
        return None
    groups = await groups_of(session, organization_id, {key for row in rows for key in row.values["groups"]})
    pairs: dict[tuple[UUID, UUID], None] = {}
    for one, row in zip(ids, rows, strict=True):
        for key in row.values["groups"]:
            group = groups[key]
            if unfit(group.found) is not None:
                raise Conflict("The group has gone since the file was checked.", meta={"line": row.line})
            pairs[group.id, one] = None
    return list(pairs)


async def _register(
    session: AsyncSession, actor: UUID | None, organization_id: UUID, new: list[tuple[UUID, Row]]
) -> None:
    if not new:
        return
    names = [name for name in STORED if name.replace("_", "-") in new[0][1].values]
    listed, taken = "".join(f", {name}" for name in names), "".join(f", n.{name}" for name in names)
    statement = text(f"""
        INSERT INTO individuals (id, owner_type, owner_id, organization_id, created_by{listed})
        SELECT n.id, 'organization', :organization_id, :organization_id, :actor{taken}
        FROM {_recordset(names)} ON CONFLICT DO NOTHING
    """)  # noqa: S608 the names are our own
    values = {"rows": _records(names, new), "organization_id": organization_id, "actor": actor}
    made: Any = await session.execute(statement, values)
    if made.rowcount != len(new):
        raise Conflict("Somebody uses the key of a row since the file was checked.", meta={"line": new[0][1].line})
    owner: dict[str, Any] = {"owner_id": organization_id, "organization_id": organization_id}
    owner["owner_type"] = "organization"
    await publish_many(session, [IndividualRegistered(individual_id=one, **owner) for one, _ in new])


async def _change(session: AsyncSession, organization_id: UUID, old: list[tuple[UUID, Row]]) -> set[UUID]:
    names = [name for name in STORED if old and name.replace("_", "-") in old[0][1].values]
    if not names:
        return set()
    differs = " OR ".join(
        f"nullif(i.{name}{'' if STORED[name] == 'text' else '::text'}, '') IS DISTINCT FROM n.{name}::text"
        for name in names
    )
    statement = text(f"""
        UPDATE individuals i SET {", ".join(f"{name} = n.{name}" for name in names)}, updated_at = clock_timestamp()
        FROM {_recordset(names)} WHERE i.id = n.id AND i.organization_id = :organization_id AND ({differs})
        RETURNING i.id, i.owner_id, i.owner_type, i.organization_id, i.user_id
    """)  # noqa: S608 the names are our own
    values = {"rows": _records(names, old), "organization_id": organization_id}
    rows = (await session.execute(statement, values)).all()
    await publish_many(
        session,
        [
            IndividualUpdated(
                individual_id=row.id,
                owner_id=row.owner_id,
                owner_type=row.owner_type,
                organization_id=row.organization_id,
                user_id=row.user_id,
            )
            for row in rows
        ],
    )
    return {row.id for row in rows}


def _recordset(names: list[str]) -> str:
    """`:rows` as a table `n`. One text costs less to send than a list a column."""
    columns = ", ".join(f"{name} {STORED[name]}" for name in names)
    return f"json_to_recordset(CAST(:rows AS json)) AS n(id uuid{', ' if columns else ''}{columns})"


def _records(names: list[str], rows: list[tuple[UUID, Row]]) -> str:
    keys = [(name, name.replace("_", "-")) for name in names]
    records = [{"id": one} | {name: row.values[key] for name, key in keys} for one, row in rows]
    return msgspec.json.encode(records).decode()
