"""Aggregates that wait for a missing version: their owner is asked to publish it again."""

import asyncio

import nats.errors
import structlog
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from messaging import metrics
from messaging.connection import Connection
from messaging.control import Wanted, ask_republish
from messaging.faults import held_for
from messaging.inbox import Reason
from messaging.incoming import Consumers
from messaging.replay import StillFails, replay

ASK_AGAIN_SECONDS = 5.0
CHECK_SECONDS = 1.0
LIMIT = 200

WAITING = text(f"""
SELECT a.aggregate_type, a.aggregate_id, a.version, min(p.aggregate_version) AS next
FROM inbox_aggregates a
LEFT JOIN parked_events p USING (consumer, aggregate_type, aggregate_id)
WHERE a.consumer = :consumer AND a.state = 'waiting'
GROUP BY a.aggregate_type, a.aggregate_id, a.version LIMIT {LIMIT}
""")  # noqa: S608
EXPIRED = text("""
WITH marked AS (
    UPDATE inbox_aggregates SET state = 'parked' WHERE consumer = :consumer AND aggregate_type = :aggregate_type
    AND aggregate_id = :aggregate_id AND version = :version AND state = 'waiting' RETURNING 1
)
UPDATE parked_events SET reason = :reason, error = :error
WHERE consumer = :consumer AND aggregate_type = :aggregate_type AND aggregate_id = :aggregate_id
AND EXISTS (SELECT FROM marked)
""")
PARKED = text("SELECT reason, count(*) AS events FROM parked_events WHERE consumer = :consumer GROUP BY reason")

log = structlog.get_logger("messaging.gaps")


async def watch(
    service: str, sessions: async_sessionmaker[AsyncSession], connection: Connection, table: Consumers
) -> None:
    """Look after the aggregates that wait, until cancelled."""
    asked: dict[tuple[str, str], float] = {}
    while True:
        await asyncio.sleep(CHECK_SECONDS)
        try:
            await _look(service, sessions, connection, table, asked)
        except Exception as error:
            if held_for(error) is None and not isinstance(error, nats.errors.Error | OSError):
                log.exception("waiting aggregates could not be looked after")


async def _look(
    service: str,
    sessions: async_sessionmaker[AsyncSession],
    connection: Connection,
    table: Consumers,
    asked: dict[tuple[str, str], float],
) -> None:
    async with sessions() as session:
        waiting = (await session.execute(WAITING, {"consumer": service})).all()
        counts = {row.reason: row.events for row in await session.execute(PARKED, {"consumer": service})}
    for reason in Reason:
        metrics.parked.labels(service, reason.value).set(counts.get(reason.value, 0))
    clock = asyncio.get_running_loop().time()
    for row in waiting:
        aggregate = (row.aggregate_type, row.aggregate_id)
        if row.next is None or row.next <= row.version + 1:
            try:
                await replay(sessions, service, aggregate, table)
            except StillFails as error:
                log.warning("parked event fails again", error=str(error))
        elif connection.connected and asked.get(aggregate, float("-inf")) + ASK_AGAIN_SECONDS <= clock:
            asked[aggregate] = clock
            await _ask(service, sessions, connection, aggregate, row.version + 1, row.next - 1)
    for aggregate in [key for key, at in asked.items() if at + 60 < clock]:
        del asked[aggregate]


async def _ask(
    service: str,
    sessions: async_sessionmaker[AsyncSession],
    connection: Connection,
    aggregate: tuple[str, str],
    first: int,
    last: int,
) -> None:
    """Ask for the versions `first` to `last`; where the owner no longer has them the aggregate is parked."""
    kind, identifier = aggregate
    wanted = Wanted(aggregate_type=kind, aggregate_id=identifier, from_version=first, to_version=last)
    client = await connection.ready()
    answer = await ask_republish(client, kind.partition(".")[0], wanted)
    log.warning("asked for missing events", aggregate=aggregate, first=first, last=last, answer=answer.count)
    if answer.error is None and (answer.oldest is None or answer.oldest > first):
        error = f"the owner no longer has version {first}; its oldest is {answer.oldest}"
        async with sessions.begin() as session:
            values = {"consumer": service, "aggregate_type": kind, "aggregate_id": identifier, "version": first - 1}
            await session.execute(EXPIRED, {**values, "reason": Reason.EXPIRED.value, "error": error})
