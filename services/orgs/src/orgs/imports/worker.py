"""Working on imports: check the file whole, then write it, a batch a transaction, so that it goes on after any end."""

import asyncio
from collections.abc import Sequence
from contextlib import aclosing
from typing import Any
from uuid import UUID

import structlog
from chassis.runtime import Runtime
from kernel import DomainError
from prometheus_client import Counter, Histogram
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from orgs.access.locks import forest_alone
from orgs.imports.apply_groups import apply_groups
from orgs.imports.apply_people import Effect, apply_people
from orgs.imports.check_groups import check_groups, ordered, read_groups
from orgs.imports.check_people import check_people
from orgs.imports.faults import Faults
from orgs.imports.progress import end, fail, next_phase, note_batch, started
from orgs.sheets.ahead import batches
from orgs.sheets.reading import Row, decoded, rows_of
from orgs.tasks.claims import claimed

BATCH = 4000
"""How many rows a transaction writes: others wait for the organization's groups meanwhile."""
POLL_SECONDS = 1.0

WAITING = text("""
SELECT DISTINCT ON (organization_id) id, organization_id FROM imports
WHERE phase IN ('waiting', 'checking', 'applying') ORDER BY organization_id, id
""")
ONE = text("""
SELECT i.id, i.organization_id, i.kind, i.phase, i.dry_run, i.rows, i.applied, i.attempts, t.created_by
FROM imports i JOIN tasks t ON t.id = i.id WHERE i.id = :id AND i.phase IN ('waiting', 'checking', 'applying')
""")
FILE = text("SELECT content FROM import_pieces WHERE import_id = :id ORDER BY number")

imported = Counter("muster_imported_rows", "Rows of files that were written", ["kind"])
batch_seconds = Histogram("muster_import_batch_seconds", "Time in one batch's transaction", ["kind"])
log = structlog.get_logger("orgs.imports")


async def work(runtime: Runtime) -> None:
    """Work on imports as they come, one at a time; those of one organization in their order."""
    while True:
        if not await run_next(runtime):
            await asyncio.sleep(POLL_SECONDS)


async def run_next(runtime: Runtime) -> bool:
    """Work on one import to its end. False where there is none that no other process works on."""
    async with runtime.reads() as session:
        waiting = (await session.execute(WAITING)).all()
    for identifier, organization_id in sorted(tuple(row) for row in waiting):
        async with claimed(runtime, "import", organization_id) as mine:
            if mine:
                await run(runtime, identifier)
                return True
    return False


async def run(runtime: Runtime, identifier: UUID) -> None:
    """Bring an import that this process has claimed to its end, from wherever an earlier process left it."""
    async with runtime.reads() as session:
        one: Any = (await session.execute(ONE, {"id": identifier})).first()
        if one is None:
            return
        content = b"".join(await session.scalars(FILE, {"id": identifier}))
    if not await started(runtime, one):
        return
    try:
        text_ = await asyncio.to_thread(decoded, content)
        if one.phase != "applying":
            faults = await _check(runtime, one, text_)
            if faults.total or one.dry_run:
                await end(runtime, one.id, "failed" if faults.total else "done", faults)
                return
            await next_phase(runtime, one.id, "applying")
        await _apply(runtime, one, text_)
    except DomainError as error:
        await fail(runtime, one.id, error)
    else:
        await end(runtime, one.id, "done", Faults())


async def _check(runtime: Runtime, one: Any, text_: str) -> Faults:
    async with runtime.reads() as session:
        if one.kind == "individuals":
            return await check_people(session, one.organization_id, text_)
        faults = Faults()
        rows = await read_groups(text_, faults)
        await check_groups(session, one.organization_id, rows, faults)
        return faults


async def _apply(runtime: Runtime, one: Any, text_: str) -> None:
    """Write the rows that are not written yet. The order of rows follows from the file alone, so `applied` says it."""
    if one.kind == "individuals":
        rows = (row for row in rows_of("individuals", text_) if isinstance(row, Row))
    else:
        rows = iter(ordered(await read_groups(text_, Faults())))
    applied = one.applied
    async with aclosing(batches(rows, BATCH, passed=applied)) as ahead:
        async for batch in ahead:
            with batch_seconds.labels(one.kind).time():
                async with runtime.sessions.begin() as session:
                    await forest_alone(session, one.organization_id)
                    effect = await _write(session, one, batch)
                    await note_batch(session, one, applied, len(batch), effect)
            applied += len(batch)
            imported.labels(one.kind).inc(len(batch))


async def _write(session: AsyncSession, one: Any, batch: Sequence[Row]) -> Effect:
    write = apply_people if one.kind == "individuals" else apply_groups
    return await write(session, one.created_by, one.organization_id, batch)
