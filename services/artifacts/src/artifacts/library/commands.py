"""Writes of the library, in bulk: every item is checked first, and then those without problems are written."""

from collections import Counter
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec
from kernel import now, uuid7
from messaging import publish_many
from sqlalchemy import select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from artifacts.actors import Actor
from artifacts.departments.choosing import choose
from artifacts.library import queries, rules
from artifacts.library.kinds import Item, Kind
from artifacts.matching import among
from artifacts.outcomes import Outcome, Problem

UNKNOWN = "There is none with this id."


async def create(
    session: AsyncSession, actor: Actor, kind: Kind, items: Sequence[Item], *, mcp: bool = False
) -> list[Outcome]:
    """Make records, an outcome an item in the items' order. Raises Forbidden."""
    rules.demand(actor, "create")
    chosen = await choose(session, actor.organization_id, items)
    times = Counter(item.id for item in items)
    rows: dict[int, dict[str, Any]] = {}
    for place, (item, (departments, problems)) in enumerate(zip(items, chosen, strict=True)):
        if item.id is not None and times[item.id] > 1:
            problems.append(Problem("id", "The id is named twice."))
        if not problems:
            rows[place] = {"id": item.id or uuid7(), **item.values, "department_ids": departments or []}
    made = await _insert(session, actor, kind, list(rows.values()), mcp=mcp)
    await publish_many(session, [kind.created(one, actor.organization_id) for one in made])
    outcomes: list[Outcome] = []
    for place, (_, problems) in enumerate(chosen):
        key: UUID | None = rows[place]["id"] if place in rows else None
        taken = key is not None and key not in made
        outcomes.append(Outcome(None, [Problem("id", "The id is taken.")]) if taken else Outcome(key, problems))
    return outcomes


async def change(
    session: AsyncSession, actor: Actor, kind: Kind, items: Sequence[Item], refused: dict[UUID, list[Problem]]
) -> list[Outcome]:
    """Change records, an outcome an item in the items' order; `refused` are problems that the caller knows of.

    Raises Forbidden.
    """
    rules.demand(actor, "edit")
    known = await locked(session, actor, kind, [item.id for item in items if item.id])
    chosen = await choose(session, actor.organization_id, items)
    times = Counter(item.id for item in items)
    outcomes: list[Outcome] = []
    for item, (departments, problems) in zip(items, chosen, strict=True):
        record = known.get(item.id) if item.id else None
        if record is None:
            problems.append(Problem(kind.id_field, UNKNOWN))
        elif times[item.id] > 1:
            problems.append(Problem(kind.id_field, "The id is named twice."))
        problems.extend(refused.get(record.id, ()) if record is not None else ())
        if record is not None and not problems:
            _assign(record, item, departments)
        outcomes.append(Outcome(item.id, problems))
    await session.flush()
    done = sorted(one.id for one in outcomes if one.id and not one.problems)
    await publish_many(session, [kind.updated(one, actor.organization_id) for one in done])
    return outcomes


async def delete(session: AsyncSession, actor: Actor, kind: Kind, identifiers: Sequence[UUID]) -> list[Outcome]:
    """Delete records that no cohort has, an outcome an item in the items' order. Raises Forbidden."""
    rules.demand(actor, "delete")
    known = await locked(session, actor, kind, identifiers)
    used = await queries.uses(session, kind, actor.organization_id, list(known))
    gone: set[UUID] = set()
    outcomes: list[Outcome] = []
    for identifier in identifiers:
        there = identifier in known and identifier not in gone
        reason = rules.refusal(actor, "delete", uses=used.get(identifier, 0)) if there else UNKNOWN
        if reason is None:
            gone.add(identifier)
        outcomes.append(Outcome(identifier, [Problem(kind.id_field, reason)] if reason else []))
    if gone:
        await session.execute(update(kind.model).where(among(kind.model.id, gone)).values(deleted_at=now()))
    await publish_many(session, [kind.deleted(one, actor.organization_id) for one in sorted(gone)])
    return outcomes


async def locked(session: AsyncSession, actor: Actor, kind: Kind, identifiers: Sequence[UUID]) -> dict[UUID, Any]:
    """Those of some records that the organization has, held until the transaction ends."""
    model = kind.model
    statement = select(model).where(
        model.organization_id == actor.organization_id, model.deleted_at.is_(None), among(model.id, set(identifiers))
    )
    rows = await session.scalars(statement.order_by(model.id).with_for_update())
    return {row.id: row for row in rows}


async def _insert(
    session: AsyncSession, actor: Actor, kind: Kind, rows: list[dict[str, Any]], *, mcp: bool
) -> list[UUID]:
    """The ids that were made, with one statement; one that is taken is left out."""
    if not rows:
        return []
    columns = {"id": "uuid", **kind.columns, "department_ids": "uuid[]"}
    shape = ", ".join(f"{name} {sql}" for name, sql in columns.items())
    names = ", ".join(columns)
    statement = text(f"""
        INSERT INTO {kind.table} (organization_id, mcp, {names})
        SELECT CAST(:organization_id AS uuid), CAST(:mcp AS boolean), {names}
          FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS one ({shape})
        ON CONFLICT (id) DO NOTHING
        RETURNING id
    """)  # noqa: S608 the text is ours
    values = {"organization_id": actor.organization_id, "mcp": mcp, "rows": msgspec.json.encode(rows).decode()}
    return list(await session.scalars(statement, values))


def _assign(record: Any, item: Item, departments: list[UUID] | None) -> None:
    for name, value in item.values.items():
        if value is not None:
            setattr(record, name, value)
    if departments is not None:
        record.department_ids = departments
