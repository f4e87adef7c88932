"""Messages that the server stopped delivering, because they ended the process each time: they are parked."""

import asyncio
from typing import Any

import msgspec
import nats.errors
import structlog
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.js import api
from nats.js.errors import APIError, NotFoundError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from messaging.connection import Connection
from messaging.control import note_parked
from messaging.inbox import Outcome, Reason, park
from messaging.incoming import read
from messaging.pull import Stalled, pull
from messaging.streams import ADVISORIES, DEAD_LETTERS

log = structlog.get_logger("messaging.advisories")
WAIT_SECONDS = 2.0


async def watch(service: str, sessions: async_sessionmaker[AsyncSession], connection: Connection) -> None:
    """Park what the MAX_DELIVERIES advisories of this service's consumers name, until cancelled."""
    while True:
        try:
            client = await connection.ready()
            await _ensure(client, service)
            await _read(client, service, sessions, connection)
        except (Stalled, nats.errors.Error, APIError, TimeoutError, OSError) as error:
            log.debug("advisories set up again", error=str(error))
        except Exception:
            log.exception("advisories failed and are set up again")
        await asyncio.sleep(WAIT_SECONDS)


async def _ensure(client: Client, service: str) -> None:
    config = api.ConsumerConfig(
        name=service,
        durable_name=service,
        ack_policy=api.AckPolicy.EXPLICIT,
        ack_wait=30,
        filter_subjects=[f"{ADVISORIES}.*.{service}"],
    )
    await client.jetstream().add_consumer(DEAD_LETTERS, config)


async def _read(
    client: Client, service: str, sessions: async_sessionmaker[AsyncSession], connection: Connection
) -> None:
    arrived: asyncio.Queue[Msg] = asyncio.Queue()

    async def room() -> int:
        await arrived.join()
        return 16

    async def handle() -> None:
        while True:
            message = await arrived.get()
            try:
                await _handle(message, client, service, sessions, connection)
            except Exception:
                log.exception("advisory could not be handled")
            arrived.task_done()

    worker = asyncio.create_task(handle(), name="advisories")
    try:
        await pull(client, DEAD_LETTERS, service, arrived.put_nowait, room)
    finally:
        worker.cancel()


async def _handle(
    message: Msg, client: Client, service: str, sessions: async_sessionmaker[AsyncSession], connection: Connection
) -> None:
    """Fetch the message that an advisory names and park it. Unless that succeeds the advisory comes again."""
    note: dict[str, Any] = msgspec.json.decode(message.data)
    stream, sequence = note["stream"], note["stream_seq"]
    try:
        stored = await client.jetstream().get_msg(stream, seq=sequence)
    except NotFoundError:
        await message.ack()
        return
    incoming = read(stored.subject or "", stream, sequence, stored.data or b"", dict(stored.headers or {}))
    error = f"given out {note.get('deliveries', '?')} times without an answer"
    async with sessions.begin() as session:
        outcome = await park(session, service, incoming, Reason.FAILED, error, int(note.get("deliveries", 0)))
    if outcome is Outcome.PARKED:
        log.error("event parked", event_id=str(incoming.event_id), error=error)
        await note_parked(connection, service, incoming, Reason.FAILED, error)
    await message.ack()
