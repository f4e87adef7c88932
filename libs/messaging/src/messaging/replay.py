"""Events that were put aside, applied in order once they can be."""

from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from messaging import metrics
from messaging.inbox import Outcome, Reason, apply, reopen
from messaging.incoming import Consumers, Incoming, read
from messaging.outbox import Cause, cause

LOCK = text("""
SELECT version, state FROM inbox_aggregates
WHERE consumer = :consumer AND aggregate_type = :aggregate_type AND aggregate_id = :aggregate_id FOR UPDATE
""")
FIRST = text("""
SELECT event_id, aggregate_version, subject, stream, sequence, headers, envelope, reason, attempts FROM parked_events
WHERE consumer = :consumer AND aggregate_type = :aggregate_type AND aggregate_id = :aggregate_id
ORDER BY aggregate_version LIMIT 1
""")
REMOVE = text("DELETE FROM parked_events WHERE consumer = :consumer AND event_id = :event_id")
FAILED = text("""
UPDATE parked_events SET reason = :reason, error = :error, attempts = attempts + 1
WHERE consumer = :consumer AND event_id = :event_id RETURNING attempts
""")
STATE = text("""
UPDATE inbox_aggregates SET state = :state
WHERE consumer = :consumer AND aggregate_type = :aggregate_type AND aggregate_id = :aggregate_id
""")


class StillFails(Exception):
    """The first event that is put aside cannot be applied; its text says why."""


async def replay(
    sessions: async_sessionmaker[AsyncSession],
    consumer: str,
    aggregate: tuple[str, str],
    table: Consumers,
    *,
    retrying: bool = False,
    attempts: int = 8,
) -> int:
    """Apply what was put aside of an aggregate, oldest first, each event in a transaction of its own.

    Stops at a missing version, and at a parked aggregate unless `retrying`. Returns how many were applied. Raises
    StillFails for an event that fails again; after `attempts` failures it parks the aggregate.
    """
    applied = 0
    while True:
        try:
            if not await _step(sessions, consumer, aggregate, table, retrying=retrying):
                return applied
        except _Failure as failure:
            await _note(sessions, consumer, aggregate, failure, attempts)
            raise StillFails(f"event {failure.event_id}: {failure}") from failure
        applied += 1


class _Failure(Exception):
    def __init__(self, event_id: Any, reason: Reason, error: str) -> None:
        super().__init__(error)
        self.event_id = event_id
        self.reason = reason


async def _step(
    sessions: async_sessionmaker[AsyncSession],
    consumer: str,
    aggregate: tuple[str, str],
    table: Consumers,
    *,
    retrying: bool,
) -> bool:
    """Apply the first event that is put aside; False where there is nothing to do."""
    values = {"consumer": consumer, "aggregate_type": aggregate[0], "aggregate_id": aggregate[1]}
    async with sessions.begin() as session:
        place = (await session.execute(LOCK, values)).one_or_none()
        row = (await session.execute(FIRST, values)).one_or_none()
        if row is None:
            await reopen(session, consumer, aggregate)
            return False
        version, state = (place.version, place.state) if place else (0, "open")
        if state == "parked" and not retrying:
            return False
        incoming = read(row.subject, row.stream, row.sequence, bytes(row.envelope), row.headers)
        if incoming.problem is not None:
            raise _Failure(row.event_id, Reason.UNDECODABLE, incoming.problem)
        if incoming.version > version + 1:
            return False
        await _apply(session, consumer, incoming, table, row.event_id)
        await session.execute(REMOVE, {"consumer": consumer, "event_id": row.event_id})
    return True


async def _apply(session: AsyncSession, consumer: str, incoming: Incoming, table: Consumers, event_id: Any) -> None:
    token = cause.set(Cause(str(incoming.event_id), incoming.envelope.correlationid if incoming.envelope else None))
    try:
        outcome, _ = await apply(session, consumer, incoming, table, retrying=True)
    except Exception as error:
        raise _Failure(event_id, Reason.FAILED, f"{type(error).__name__}: {error}") from error
    finally:
        cause.reset(token)
    if outcome is Outcome.GAP:
        raise _Failure(event_id, Reason.FAILED, "an earlier version of the aggregate is missing")
    context = incoming.aggregate_type.partition(".")[0]
    metrics.consumed.labels(consumer, context, outcome.value).inc()


async def _note(
    sessions: async_sessionmaker[AsyncSession],
    consumer: str,
    aggregate: tuple[str, str],
    failure: _Failure,
    attempts: int,
) -> None:
    """Count the failure; the aggregate is parked when the event has failed often enough."""
    async with sessions.begin() as session:
        values = {"consumer": consumer, "event_id": failure.event_id}
        noted = {**values, "reason": failure.reason.value, "error": str(failure)[:4000]}
        tried = (await session.execute(FAILED, noted)).scalar_one_or_none() or 0
        if tried >= attempts or failure.reason is Reason.UNDECODABLE:
            place = {"consumer": consumer, "aggregate_type": aggregate[0], "aggregate_id": aggregate[1]}
            await session.execute(STATE, {**place, "state": "parked"})
