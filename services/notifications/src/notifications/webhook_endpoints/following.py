"""Reading the streams for webhooks: in one process at a time, in batches, on from where the last one came to.

A delivery needs neither an order nor an inbox, for its row is unique by endpoint and event. So the streams are followed
instead of consumed: what no endpoint wants costs a look, and no transaction.
"""

import asyncio
from collections.abc import Awaitable, Callable

import structlog
from chassis.runtime import Runtime
from messaging import Entry, Tail
from prometheus_client import Gauge
from sqlalchemy import text

from notifications.settings import Settings
from notifications.webhook_endpoints.catalogue import PUBLIC, public
from notifications.webhook_endpoints.deliveries.recording import Happened, heard, record

LOCK = 7_263_021
LOOK_EVERY = 1.0
UNWRITTEN = 1000
"""How far a stream is read before the place is written when no endpoint wants any of it."""

TAKE_LOCK = text(f"SELECT pg_try_advisory_lock({LOCK})")
PLACES = text("SELECT context, sequence FROM webhook_places")
REACHED = text("""
INSERT INTO webhook_places (context, sequence) VALUES (:context, :sequence)
ON CONFLICT (context) DO UPDATE SET sequence = excluded.sequence
""")

behind = Gauge("muster_webhooks_behind_seconds", "Since when not all of the streams was read for webhooks; one process")

log = structlog.get_logger("notifications.webhooks")


async def follow_events(runtime: Runtime) -> None:
    """In the worker: write down what endpoints are to be told. One process holds the lock; the others wait for it."""
    settings: Settings = runtime.settings
    if not settings.webhook_key:
        return
    tails: list[Tail] = []
    async with runtime.engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        try:
            while not await connection.scalar(TAKE_LOCK):
                await asyncio.sleep(LOOK_EVERY)
            places = {row.context: row.sequence for row in await connection.execute(PLACES)}
            log.info("following events for webhooks", places=places)
            tails += [await _follow(runtime, context, places.get(context, 0)) for context in PUBLIC]
            while await connection.scalar(text("SELECT true")):
                behind.set(max(tail.silence for tail in tails))
                await asyncio.sleep(LOOK_EVERY)
        finally:
            behind.set(0)
            for tail in tails:
                await tail.stop()
            await connection.invalidate()  # the lock goes with the connection


async def _follow(runtime: Runtime, context: str, after: int) -> Tail:
    aggregates = [f"evt.{context}.{aggregate}.>" for aggregate in sorted(PUBLIC[context])]
    return await runtime.messaging.tail(context, aggregates, taking_in(runtime, context, after), after=after)


def taking_in(runtime: Runtime, context: str, written: int = 0) -> Callable[[list[Entry]], Awaitable[None]]:
    """What is done with a batch of a context's stream whose place is known to be `written`."""

    async def take_in(entries: list[Entry]) -> None:
        nonlocal written
        wanted = await heard(runtime, [one for entry in entries if (one := _happened(entry)) is not None])
        reached = entries[-1].sequence
        if not wanted and abs(reached - written) < UNWRITTEN:
            return
        async with runtime.sessions.begin() as session:
            if wanted:
                await record(session, wanted)
            await session.execute(REACHED, {"context": context, "sequence": reached})
        written = reached

    return take_in


def _happened(entry: Entry) -> Happened | None:
    """An entry that may be for somebody. What cannot be read here is for nobody; consumers make it known."""
    if entry.event is None or entry.envelope is None or not public(type(entry.event)):
        return None
    if (organization_id := entry.event.tenant_id) is None:
        return None
    return Happened(organization_id, entry.envelope.id, entry.envelope.time, entry.event)
