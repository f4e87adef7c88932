"""Writing the persons of files into their cohorts, a batch a transaction, so that it goes on after any end.

Whoever works on a file holds a lease on it; each batch renews it. A worker that died loses it within LEASE, and the
next one goes on where it ended.
"""

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import msgspec
import structlog
from chassis.runtime import Runtime
from contracts.artifacts import CohortUpdated
from kernel import NotFound, uuid7
from messaging import publish
from prometheus_client import Counter, Histogram
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from artifacts.cohorts import members
from artifacts.cohorts.commands.moves import tell

BATCH = 1000
POLL_SECONDS = 0.5
LEASE = "interval '60 seconds'"
MOST_ATTEMPTS = 8
LOST = "A part of the file could not be read; upload it again."

TAKE = text(f"""
UPDATE cohort_imports SET lease_id = :lease, lease_until = clock_timestamp() + {LEASE}, attempts = attempts + 1
 WHERE id = (SELECT id FROM cohort_imports
              WHERE COALESCE(lease_until, retry_at, created_at) <= clock_timestamp()
              ORDER BY COALESCE(lease_until, retry_at, created_at) LIMIT 1 FOR UPDATE SKIP LOCKED)
RETURNING id, organization_id, cohort_id, kind, key, id_count, done, attempts
""")  # noqa: S608 the text is ours
RENEW = text(f"""
UPDATE cohort_imports SET done = done + :several, attempts = 1, lease_until = clock_timestamp() + {LEASE}
 WHERE id = :id AND lease_id = :lease
""")  # noqa: S608
HOLD = text("SELECT is_static AND deleted_at IS NULL FROM cohorts WHERE id = :cohort_id FOR UPDATE")
FOUND = {
    "person_id": """
SELECT p.id FROM persons p
 WHERE p.id = ANY(CAST(CAST(:ids AS text[]) AS uuid[])) AND p.organization_id = :organization_id
   AND p.removed_at IS NULL""",
    "distinct_id": """
SELECT DISTINCT p.id FROM person_distinct_ids d JOIN persons p ON p.id = d.person_id AND p.removed_at IS NULL
 WHERE d.organization_id = :organization_id AND d.distinct_id = ANY(CAST(:ids AS text[]))""",
    "email": """
SELECT p.id FROM persons p
 WHERE p.organization_id = :organization_id AND lower(p.properties ->> 'email') = ANY(CAST(:ids AS text[]))
   AND p.removed_at IS NULL""",
}
GROW = text("""
UPDATE cohorts SET member_count = member_count + :more WHERE id = :cohort_id
""")
FINISH = text("""
UPDATE cohorts SET last_calculation = clock_timestamp(), errors_calculating = 0, last_error_message = NULL,
                   version = version + 1, updated_at = clock_timestamp()
 WHERE id = :cohort_id
""")
BREAK_OFF = text("""
UPDATE cohorts SET errors_calculating = errors_calculating + 1, last_error_message = :reason WHERE id = :cohort_id
""")
PUT_OFF = text("""
UPDATE cohort_imports SET lease_id = NULL, lease_until = NULL,
       retry_at = clock_timestamp() + make_interval(secs => least(300, power(2, attempts)))
 WHERE id = :id AND lease_id = :lease
""")
FORGET = text("DELETE FROM cohort_imports WHERE id = :id AND lease_id = :lease")
UNKEEP = text("DELETE FROM uploads WHERE key = :key")

imported = Counter("muster_artifacts_imported_ids", "Ids of files that were looked for and let into cohorts")
batch_seconds = Histogram("muster_artifacts_import_batch_seconds", "Time in one batch's transaction")
log = structlog.get_logger("artifacts.imports")


class LeaseLost(Exception):
    """Another worker has the file."""


async def work(runtime: Runtime) -> None:
    """Work on files as they come."""
    while True:
        if not await run_next(runtime):
            await asyncio.sleep(POLL_SECONDS)


async def run_next(runtime: Runtime) -> bool:
    """Work on one file to its end. False where there is none that nobody works on."""
    lease = uuid7()
    async with runtime.sessions.begin() as session:
        one = (await session.execute(TAKE, {"lease": lease})).one_or_none()
    if one is None:
        return False
    try:
        if one.attempts > MOST_ATTEMPTS:
            raise NotFound("It was tried too often.")
        await _write(runtime, one, lease)
    except LeaseLost:
        return True
    except NotFound:
        await _end(runtime, one, lease, reason=LOST)
    except Exception:
        async with runtime.sessions.begin() as session:
            await session.execute(PUT_OFF, {"id": one.id, "lease": lease})
        raise
    return True


async def _write(runtime: Runtime, one: Any, lease: UUID) -> None:
    passed = 0
    async for ids in _batches(await runtime.objects.stream(one.key)):
        passed += len(ids)
        if passed <= one.done:
            continue
        with batch_seconds.time():
            async with runtime.sessions.begin() as session:
                if not await _write_batch(session, one, lease, ids):
                    break
        imported.inc(len(ids))
    await _end(runtime, one, lease)


async def _write_batch(session: AsyncSession, one: Any, lease: UUID, ids: list[str]) -> bool:
    """Let a batch's persons in. False where the cohort takes none any more. Raises LeaseLost."""
    if not (await session.execute(HOLD, {"cohort_id": one.cohort_id})).scalar_one_or_none():
        return False
    renewed: Any = await session.execute(RENEW, {"id": one.id, "lease": lease, "several": len(ids)})
    if not renewed.rowcount:
        raise LeaseLost
    values = {"organization_id": one.organization_id, "ids": ids}
    people = list(await session.scalars(text(FOUND[one.kind]), values))
    entered = await members.enter(session, one.organization_id, {one.cohort_id: people}, "csv")
    if one.cohort_id in entered:
        added = entered[one.cohort_id].added
        await session.execute(GROW, {"cohort_id": one.cohort_id, "more": len(added)})
        await tell(session, one.organization_id, entered, "csv")
    return True


async def _end(runtime: Runtime, one: Any, lease: UUID, *, reason: str | None = None) -> None:
    """The file has been read, or cannot be: forget it and what it held."""
    async with runtime.sessions.begin() as session:
        values = {"cohort_id": one.cohort_id, "reason": reason}
        if not await _forgotten(session, one, lease):
            return
        await session.execute(FINISH if reason is None else BREAK_OFF, values)
        await publish(session, CohortUpdated(cohort_id=one.cohort_id, organization_id=one.organization_id))
    if reason is not None:
        log.warning("a file of persons was given up", cohort=str(one.cohort_id))
    await runtime.objects.delete(one.key)


async def _forgotten(session: AsyncSession, one: Any, lease: UUID) -> bool:
    """Forget a file and its object's row. False where another worker has it."""
    gone: Any = await session.execute(FORGET, {"id": one.id, "lease": lease})
    if gone.rowcount:
        await session.execute(UNKEEP, {"key": one.key})
    return bool(gone.rowcount)


async def _batches(pieces: AsyncIterator[bytes]) -> AsyncIterator[list[str]]:
    """The ids of a file, BATCH at a time."""
    rest, batch = b"", list[str]()
    async for piece in pieces:
        *lines, rest = (rest + piece).split(b"\n")
        for line in lines:
            batch.append(msgspec.json.decode(line, type=str))
            if len(batch) == BATCH:
                yield batch
                batch = []
    if batch:
        yield batch
