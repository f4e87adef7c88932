"""Making exports, and removing those that have expired."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import structlog
from chassis.runtime import Runtime
from kernel import now
from sqlalchemy import bindparam, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession

from orgs.exports.commands import KEPT, remove
from orgs.exports.files import STATEMENTS, TYPE, Part, key_of, name_of
from orgs.sheets.reading import MOST_ROWS
from orgs.tasks.claims import claimed
from orgs.tasks.commands import advance, finish

POLL_SECONDS = 1.0
ROWS_A_FETCH = 1000
MOST_ATTEMPTS = 30

WAITING = text("SELECT id FROM exports WHERE phase IN ('waiting', 'running') ORDER BY id LIMIT 10")
START = text("""
UPDATE exports SET phase = 'running', attempts = attempts + 1 WHERE id = :id AND phase IN ('waiting', 'running')
RETURNING organization_id, kind, attempts
""")
DONE = text("""
UPDATE exports SET phase = 'done', files = :files, expires_at = :expires_at WHERE id = :id AND phase = 'running'
""").bindparams(bindparam("files", type_=JSONB))
FAILED = text("UPDATE exports SET phase = 'failed' WHERE id = :id")
EXPIRED = text("SELECT id FROM exports WHERE phase = 'done' AND expires_at < clock_timestamp() ORDER BY id LIMIT 10")

log = structlog.get_logger("orgs.exports")


async def work(runtime: Runtime) -> None:
    """Make exports as they are asked for, one at a time, and remove what has expired."""
    while True:
        if not await run_next(runtime) and not await remove_expired(runtime):
            await asyncio.sleep(POLL_SECONDS)


async def run_next(runtime: Runtime) -> bool:
    """Make one export. False where there is none that no other process makes."""
    async with runtime.reads() as session:
        waiting = list(await session.scalars(WAITING))
    for identifier in waiting:
        async with claimed(runtime, "export", identifier) as mine:
            if mine:
                await run(runtime, identifier)
                return True
    return False


async def run(runtime: Runtime, identifier: UUID) -> None:
    """Make an export that this process has claimed. What an earlier process left of it is written over."""
    async with runtime.sessions.begin() as session:
        one: Any = (await session.execute(START, {"id": identifier})).first()
        if one is None:
            return
        if one.attempts > MOST_ATTEMPTS:
            log.error("export given up", export_id=str(identifier))
            await session.execute(FAILED, {"id": identifier})
            await finish(session, identifier, "failed", {"kind": one.kind})
            return
        await advance(session, identifier, 0, None)
    async with runtime.sessions.begin() as session:
        files = await _written(session, runtime, one, identifier)
    async with runtime.sessions.begin() as session:
        values = {"id": identifier, "files": files, "expires_at": now() + KEPT}
        await session.execute(DONE, values)
        rows = sum(file["rows"] for file in files)
        await advance(session, identifier, rows, rows)
        await finish(session, identifier, "done", {"kind": one.kind, "rows": rows})


async def remove_expired(runtime: Runtime) -> bool:
    """Remove the files of exports that have expired. Says whether there were any."""
    async with runtime.sessions.begin() as session:
        expired = list(await session.scalars(EXPIRED))
        for identifier in expired:
            await remove(session, runtime, identifier)
    return bool(expired)


async def _written(session: AsyncSession, runtime: Runtime, one: Any, identifier: UUID) -> list[dict[str, Any]]:
    """Write the files from one statement, which sees one moment; what each is called and how many rows it has."""
    options = {"yield_per": ROWS_A_FETCH}
    result = await session.stream(STATEMENTS[one.kind], {"id": one.organization_id}, execution_options=options)
    rows: AsyncIterator[Any] = aiter(result)
    following = await anext(rows, None)
    files: list[dict[str, Any]] = []
    while following is not None or not files:
        part = Part(one.kind, rows, following, MOST_ROWS)
        number = len(files) + 1
        key, name = key_of(one.organization_id, identifier, number), name_of(one.kind, number)
        await runtime.objects.put(key, part.pieces(), content_type=TYPE, filename=name)
        files.append({"name": name, "rows": part.rows})
        following = part.more
    await result.close()
    return files
