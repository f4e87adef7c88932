"""Where an import is, and how it ended."""

from typing import Any, Literal
from uuid import UUID

import structlog
from chassis.runtime import Runtime
from kernel import Conflict, DomainError
from sqlalchemy import bindparam, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession

from orgs.imports.apply_people import Effect
from orgs.imports.faults import Faults
from orgs.tasks.commands import advance, finish

MOST_ATTEMPTS = 5

START = text("""
UPDATE imports SET attempts = attempts + 1, phase = CASE phase WHEN 'waiting' THEN 'checking' ELSE phase END
WHERE id = :id RETURNING attempts
""")
PHASE = text("UPDATE imports SET phase = :phase, attempts = 0 WHERE id = :id")
BATCH = text("""
UPDATE imports
SET applied = applied + :rows, created = created + :created, changed = changed + :changed, attempts = 0
WHERE id = :id AND phase = 'applying' AND applied = :before
""")
END = text("""
UPDATE imports SET phase = :phase, error_count = :total, errors = :errors WHERE id = :id
RETURNING rows, applied, created, changed, organization_id, kind
""").bindparams(bindparam("errors", type_=JSONB))
FORGET = text("DELETE FROM import_pieces WHERE import_id = :id")

log = structlog.get_logger("orgs.imports")


async def started(runtime: Runtime, one: Any) -> bool:
    """Note that a process begins. False where too many began and got nowhere: then the import has failed."""
    async with runtime.sessions.begin() as session:
        attempts = await session.scalar(START, {"id": one.id}) or 0
        await advance(session, one.id, one.applied, one.rows)
    if attempts <= MOST_ATTEMPTS:
        return True
    log.error("import given up", import_id=str(one.id), attempts=attempts - 1)
    await fail(runtime, one.id, Conflict("The import failed again and again; the operator's log says why."))
    return False


async def next_phase(runtime: Runtime, identifier: UUID, phase: Literal["applying"]) -> None:
    """Note that a phase begins."""
    async with runtime.sessions.begin() as session:
        await session.execute(PHASE, {"id": identifier, "phase": phase})


async def note_batch(session: AsyncSession, one: Any, before: int, rows: int, effect: Effect) -> None:
    """Note, in the transaction that wrote a batch, that it is written. Raises where another process wrote it."""
    values = {"id": one.id, "before": before, "rows": rows, **effect._asdict()}
    noted: Any = await session.execute(BATCH, values)
    if noted.rowcount != 1:
        raise RuntimeError("another process works on this import")
    await advance(session, one.id, before + rows, one.rows)


async def fail(runtime: Runtime, identifier: UUID, error: DomainError) -> None:
    """End an import that cannot go on; what is written stays written."""
    faults = Faults()
    faults.add((error.meta or {}).get("line", 0), None, error.code, error.detail)
    await end(runtime, identifier, "failed", faults)


async def end(runtime: Runtime, identifier: UUID, phase: Literal["done", "failed"], faults: Faults) -> None:
    """End an import and its task, and forget the file."""
    async with runtime.sessions.begin() as session:
        values = {"id": identifier, "phase": phase, "total": faults.total, "errors": faults.shown}
        row = (await session.execute(END, values)).one()
        await session.execute(FORGET, {"id": identifier})
        result = {"kind": row.kind, "rows": row.rows, "created": row.created, "changed": row.changed}
        await finish(session, identifier, phase, {**result, "errors": faults.total})
