"""Whole calculations, one at a time a worker: claim, compute and swap, or note why not.

A claim is a lease: `lease_until` says until when, and is put off while the worker lives. The members are swapped and
the cohort gets the version that was asked for when it was claimed in one transaction, and only where it has no later
one. A calculation that fails is tried again, ever more seldom, and at once when it is asked for anew.
"""

import asyncio
import time
from contextlib import suppress
from datetime import datetime
from typing import Any
from uuid import UUID

import structlog
from chassis.runtime import Runtime
from kernel import DomainError, Unavailable, uuid7
from messaging import failpoints
from prometheus_client import Histogram
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from artifacts.cohorts import members
from artifacts.cohorts.calculations import changes, sources, telling
from artifacts.cohorts.calculations.commands import DOWNSTREAM
from artifacts.cohorts.calculations.following import LOST_RACES
from artifacts.cohorts.calculations.known import known
from artifacts.cohorts.calculations.planning import keep_dates, plan
from artifacts.cohorts.members import Swapped

log = structlog.get_logger("artifacts.calculations")
seconds = Histogram("muster_artifacts_calculation_seconds", "Time of a whole calculation of a cohort", ["outcome"])

LEASE_SECONDS = 60
RENEW_SECONDS = 20
FIRST_RETRY, LAST_RETRY = 5, 3600
"""Seconds; each failure doubles it. What is wrong in the criteria waits the longest at once."""
STATEMENT_SECONDS = 120
LONGEST_QUERY = 100_000
LIMITS = text(f"""
SELECT set_config('statement_timeout', '{STATEMENT_SECONDS}s', true), set_config('work_mem', '64MB', true),
       set_config('client_connection_check_interval', '2s', true), set_config('lock_timeout', '30s', true),
       set_config('enable_nestloop', 'off', true)
""")
"""Sets are met by hashing: what is estimated wrong costs memory then, never the product of two sets."""
CLAIM = text(f"""
WITH chosen AS (
    SELECT c.id FROM cohorts c JOIN cohort_schedules s ON s.cohort_id = c.id
     WHERE c.pending_version > COALESCE(c.calculated_version, 0) AND c.deleted_at IS NULL
       AND (s.failed_version IS DISTINCT FROM c.pending_version OR s.retry_at <= clock_timestamp())
       AND (c.lease_until IS NULL OR c.lease_until < clock_timestamp())
       AND NOT EXISTS (
           SELECT 1 FROM cohort_mentions m
             JOIN cohorts u ON u.id = CAST(CASE WHEN m.kind = 'cohort' THEN m.name END AS uuid)
             JOIN cohort_schedules t ON t.cohort_id = u.id
            WHERE m.cohort_id = c.id AND m.kind = 'cohort' AND u.deleted_at IS NULL
              AND u.pending_version > COALESCE(u.calculated_version, 0)
              AND (t.failed_version IS DISTINCT FROM u.pending_version OR t.retry_at <= clock_timestamp()))
     ORDER BY c.last_calculation NULLS FIRST, c.id LIMIT 1 FOR UPDATE OF s SKIP LOCKED
), leased AS (
    UPDATE cohort_schedules s SET lease_id = :lease FROM chosen WHERE s.cohort_id = chosen.id
), taken AS (
    UPDATE cohorts c SET lease_until = clock_timestamp() + interval '{LEASE_SECONDS} seconds'
      FROM chosen WHERE c.id = chosen.id
    RETURNING c.id, c.organization_id, c.pending_version AS version, c.is_static, c.filters, c.groups, c.query
), noted AS (
    INSERT INTO cohort_calculations (id, organization_id, cohort_id, version, filters, started_at)
    SELECT :lease, organization_id, id, version, COALESCE(filters, query, jsonb_build_object('groups', groups)),
           clock_timestamp() FROM taken
)
SELECT * FROM taken
""")  # noqa: S608 the text is ours
ABANDONED = text("""
UPDATE cohort_calculations SET finished_at = clock_timestamp(), error = :error
 WHERE cohort_id = :cohort_id AND finished_at IS NULL AND id <> :lease
""")
BARRIER = text("""
SELECT set_config('lock_timeout', '2s', true),
       pg_advisory_xact_lock(hashtextextended(CAST(CAST(:organization_id AS uuid) AS text), 7))
""")
"""Whoever wrote before they could know what the cohort mentions has ended; the others note what they change."""
HELD = text("""
SELECT clock_timestamp() FROM cohort_schedules WHERE cohort_id = :cohort_id AND lease_id = :lease FOR UPDATE
""")
RENEW = text(f"""
UPDATE cohorts c SET lease_until = clock_timestamp() + interval '{LEASE_SECONDS} seconds'
 WHERE c.id = :cohort_id AND EXISTS (SELECT 1 FROM cohort_schedules s WHERE s.cohort_id = c.id AND s.lease_id = :lease)
""")  # noqa: S608
FINISH = text("""
UPDATE cohorts SET calculated_version = :version, member_count = member_count + :more, last_calculation = :now,
                   errors_calculating = 0, last_error_message = :message, lease_until = NULL
 WHERE id = :cohort_id AND deleted_at IS NULL AND COALESCE(calculated_version, 0) < :version
RETURNING member_count
""")
SETTLE = text("""
UPDATE cohort_schedules SET lease_id = NULL, retry_at = NULL, failed_version = NULL WHERE cohort_id = :cohort_id
""")
RECORD = text("""
UPDATE cohort_calculations
   SET finished_at = clock_timestamp(), count = :count, entered = :entered, ended = :ended, main_query = :query,
       query_ms = CAST(1000 * extract(epoch FROM clock_timestamp() - started_at) AS integer), error = :error
 WHERE id = :lease
""")
FOLLOW = text(f"""{DOWNSTREAM}
UPDATE cohorts c SET pending_version = COALESCE(c.pending_version, 0) + 1
  FROM downstream d
 WHERE c.id = d.cohort_id AND c.id <> CAST(:cohort_id AS uuid) AND c.deleted_at IS NULL AND NOT c.is_static
   AND COALESCE(c.pending_version, 0) <= COALESCE(c.calculated_version, 0)
""")  # noqa: S608
"""Those that already wait are calculated after this one anyway."""
FAIL = text("""
UPDATE cohorts SET errors_calculating = errors_calculating + 1, last_error_message = :error, lease_until = NULL
 WHERE id = :cohort_id AND COALESCE(calculated_version, 0) < :version
   AND EXISTS (SELECT 1 FROM cohort_schedules s WHERE s.cohort_id = cohorts.id AND s.lease_id = :lease)
RETURNING errors_calculating
""")
RETRY = text("""
UPDATE cohort_schedules
   SET lease_id = NULL, failed_version = :version, retry_at = clock_timestamp() + make_interval(secs => :seconds)
 WHERE cohort_id = :cohort_id AND lease_id = :lease
""")
RELEASE = text("""
UPDATE cohorts c SET lease_until = NULL FROM cohort_schedules s WHERE s.cohort_id = c.id AND s.lease_id = :lease
""")
DIED = "The worker ended before the calculation did; another one took it over."
OURS = "The calculation failed on our side; it is tried again."
FAULTS = {
    "57014": f"The calculation took longer than {STATEMENT_SECONDS} seconds and was stopped; simplify the filters.",
    "53200": "The calculation needed more memory than it may have; simplify the filters.",
    "53400": "The calculation needed more space than it may have; simplify the filters.",
    "2201B": "A pattern of the filters cannot be used.",
    "54001": "The filters are too complex to be calculated.",
    "55P03": "The cohort was held for too long; the calculation is tried again.",
}


LOCK_NOT_AVAILABLE = "55P03"


class Superseded(Exception):
    """The cohort has a later version, was deleted, or is another worker's."""


async def calculate_next(runtime: Runtime, now: datetime | None = None) -> bool:
    """Calculate the cohort that has waited longest, after those that it names. False where none waits.

    `now` is the moment as of which it is calculated; the present one if not given.
    """
    lease = uuid7()
    claimed = await claim(runtime, lease)
    if claimed is None:
        return False
    failpoints.hit("calculation.claimed")
    renewing = asyncio.create_task(_renew(runtime, claimed.id, lease))
    begun, outcome = time.perf_counter(), "failed"
    try:
        await carry_out(runtime, claimed, lease, now)
        outcome = "done"
    except Superseded:
        outcome = "dropped"
        await _drop(runtime, lease)
    except DomainError as error:
        first = FIRST_RETRY if isinstance(error, Unavailable) else LAST_RETRY
        await _fail(runtime, claimed, lease, error.detail, first=first)
    except DBAPIError as error:
        if error.connection_invalidated:
            raise
        state = getattr(error.orig, "sqlstate", "")
        log.warning("calculation failed", cohort_id=str(claimed.id), state=state)
        await _fail(runtime, claimed, lease, None if state in LOST_RACES else FAULTS.get(state, OURS))
    finally:
        seconds.labels(outcome).observe(time.perf_counter() - begun)
        renewing.cancel()
        with suppress(asyncio.CancelledError):
            await renewing
    return True


async def claim(runtime: Runtime, lease: UUID) -> Any:
    """Take the cohort that is next, as a row; None where there is none."""
    try:
        async with runtime.sessions.begin() as session:
            claimed = (await session.execute(CLAIM, {"lease": lease})).one_or_none()
            if claimed is not None:
                before = {"cohort_id": claimed.id, "lease": lease, "error": DIED}
                await session.execute(ABANDONED, before)
                await session.execute(BARRIER, {"organization_id": claimed.organization_id})
            return claimed
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", "") != LOCK_NOT_AVAILABLE:
            raise
        return None


async def carry_out(runtime: Runtime, claimed: Any, lease: UUID, moment: datetime | None) -> None:
    """Compute and swap in one transaction. Raises Superseded, DomainError for people, DBAPIError."""
    async with runtime.sessions.begin() as session:
        await session.execute(LIMITS)
        held = (await session.execute(HELD, {"cohort_id": claimed.id, "lease": lease})).scalar_one_or_none()
        if held is None:
            raise Superseded
        now = moment or held
        source = await sources.of(runtime, session, claimed)
        swapped = Swapped(0, 0, None, None)
        if source.statement is not None:
            swapped = await members.swap(
                session, claimed.organization_id, claimed.id, source.statement, now, only_add=claimed.is_static
            )
        failpoints.hit("calculation.before_commit")
        await _finish(session, claimed, lease, swapped, source, now)
    changes.wake_all()


async def _finish(
    session: AsyncSession, claimed: Any, lease: UUID, swapped: Swapped, source: sources.Source, now: datetime
) -> None:
    """Note what was calculated, announce who moved, ask for those that name the cohort. Raises Superseded."""
    more = swapped.entered - swapped.ended
    values = {"cohort_id": claimed.id, "version": claimed.version, "more": more, "now": now, "message": source.warning}
    count = (await session.execute(FINISH, values)).scalar_one_or_none()
    if count is None:
        raise Superseded
    cohort = {"organization_id": claimed.organization_id, "cohort_id": claimed.id}
    if not claimed.is_static:
        await _plan(session, claimed, now)
    await session.execute(SETTLE, cohort)
    query = source.statement.sql[:LONGEST_QUERY] if source.statement else None
    done = {"count": count, "entered": swapped.entered, "ended": swapped.ended, "query": query, "error": None}
    await session.execute(RECORD, {"lease": lease, **done})
    await telling.tell_swapped(session, claimed.organization_id, claimed.id, swapped, now)
    if swapped.entered or swapped.ended:
        await session.execute(FOLLOW, cohort)


async def _plan(session: AsyncSession, claimed: Any, now: datetime) -> None:
    key = (claimed.id, claimed.version)
    one = (await known(session, [key])).get(key)
    if one is not None:
        await keep_dates(session, claimed.organization_id, one.date_keys)
        await plan(session, claimed.organization_id, {claimed.id: (one, now)})


async def _fail(runtime: Runtime, claimed: Any, lease: UUID, error: str | None, *, first: int = FIRST_RETRY) -> None:
    """Tell people why, and try again later. Without a reason it is no failure, and tried again at once."""
    async with runtime.sessions.begin() as session:
        values = {"cohort_id": claimed.id, "version": claimed.version, "lease": lease}
        errors = 0
        if error is not None:
            errors = (await session.execute(FAIL, {**values, "error": error})).scalar_one_or_none() or 1
        wait = min(first * 2 ** min(errors - 1, 20), LAST_RETRY) if errors else 1
        await session.execute(RELEASE, {"lease": lease})
        await session.execute(RETRY, {**values, "seconds": wait})
        done = {"count": None, "entered": None, "ended": None, "query": None, "error": error or OURS}
        await session.execute(RECORD, {"lease": lease, **done})


async def _drop(runtime: Runtime, lease: UUID) -> None:
    """Let go of a calculation that nobody needs."""
    async with runtime.sessions.begin() as session:
        await session.execute(text("DELETE FROM cohort_calculations WHERE id = :lease"), {"lease": lease})
        await session.execute(RELEASE, {"lease": lease})
        await session.execute(
            text("UPDATE cohort_schedules SET lease_id = NULL WHERE lease_id = :lease"), {"lease": lease}
        )


async def _renew(runtime: Runtime, cohort_id: UUID, lease: UUID) -> None:
    """Put the lease's end off while the worker lives."""
    while True:
        await asyncio.sleep(RENEW_SECONDS)
        async with runtime.sessions.begin() as session:
            await session.execute(RENEW, {"cohort_id": cohort_id, "lease": lease})
