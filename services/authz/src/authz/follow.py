"""The tasks of a process: loading the index, following the streams, and in one process writing the base facts."""

import asyncio
import gc

import asyncpg
import structlog
from chassis.runtime import Runtime
from contracts.authz import AttributesStored
from contracts.event import stream
from messaging import Entry, Tail
from nats.js import JetStreamContext
from nats.js.errors import NotFoundError
from sqlalchemy.exc import DBAPIError

from authz.base_facts.apply import apply, quarantine
from authz.base_facts.load import load
from authz.changes import CONTEXTS
from authz.individual_attributes.queries import flags
from authz.replica import Replica

LOCK = 7_263_017
LOOK_EVERY = 1.0
CHUNK = 256

log = structlog.get_logger("authz.follow")


def replica_of(runtime: Runtime) -> Replica:
    """The index of this process."""
    return runtime.extras["replica"]


async def load_index(runtime: Runtime) -> None:
    """Read the base facts into memory; the process is ready once it has caught up with the streams."""
    connection = await asyncpg.connect(runtime.common.database_url)
    try:
        snapshot = await load(connection)
    finally:
        await connection.close()
    replica = runtime.extras["replica"] = Replica(snapshot)
    gc.collect()
    gc.freeze()  # millions of lasting objects need no look from each later collection
    runtime.extras.setdefault("readiness", {})["index"] = lambda: replica_of(runtime).caught_up
    log.info("index loaded", revision=replica.revision, users=len(snapshot.facts.users))


async def follow_streams(runtime: Runtime) -> None:
    """Keep the index up to date for as long as the process runs."""
    replica = replica_of(runtime)

    async def latest() -> dict[str, int]:
        jetstream = (await runtime.messaging.connection.ready()).jetstream()
        return {context: await _last_sequence(jetstream, context) for context in CONTEXTS}

    replica.latest = latest
    tails = [await _follow(runtime, replica, context) for context in CONTEXTS]
    try:
        await asyncio.gather(*(tail.caught_up.wait() for tail in tails))
        replica.caught_up = True
        await asyncio.Event().wait()
    finally:
        await asyncio.gather(*(tail.stop() for tail in tails))


async def _last_sequence(jetstream: JetStreamContext, context: str) -> int:
    """The newest message of a context; 0 while its service has not made its stream yet."""
    try:
        return (await jetstream.stream_info(stream(context))).state.last_seq
    except NotFoundError:
        return 0


async def _follow(runtime: Runtime, replica: Replica, context: str) -> Tail:
    async def take_in(entries: list[Entry]) -> None:
        await read_flags(runtime, replica, entries)
        replica.take_in(context, entries)

    every = [f"evt.{context}.>"]
    return await runtime.messaging.tail(context, every, take_in, after=replica.positions[context], chunk=CHUNK)


async def read_flags(runtime: Runtime, replica: Replica, entries: list[Entry]) -> None:
    """Bring attributes that were stored into the index: the event names the individuals, the database the values."""
    stored = [entry.event for entry in entries if isinstance(entry.event, AttributesStored)]
    individuals = {individual for event in stored for individual in event.individual_ids}
    if individuals:
        async with runtime.reads() as session:
            found = await flags(session, individuals)
        replica.facts.set_flags([str(one) for one in individuals], found)


async def write_base_facts(runtime: Runtime) -> None:
    """Write the base facts while this process holds the applier's lock; the others wait for it."""
    connection = await asyncpg.connect(runtime.common.database_url)
    tails: list[Tail] = []
    try:
        while not await connection.fetchval("SELECT pg_try_advisory_lock($1)", LOCK):
            await asyncio.sleep(LOOK_EVERY)
        positions: dict[str, int] = dict(await connection.fetch("SELECT context, sequence FROM applied_positions"))
        log.info("applying events", positions=positions)
        tails += [await _apply(runtime, context, positions.get(context, 0)) for context in CONTEXTS]
        while await connection.fetchval("SELECT true"):
            await asyncio.sleep(LOOK_EVERY)
    finally:
        for tail in tails:
            await tail.stop()
        connection.terminate()


async def _apply(runtime: Runtime, context: str, after: int) -> Tail:
    async def apply_batch(entries: list[Entry]) -> None:
        try:
            await _commit(runtime, context, entries)
        except Exception as error:
            if not _is_about_data(error):
                raise
            for entry in entries:
                await _commit_or_quarantine(runtime, context, entry)

    return await runtime.messaging.tail(context, [f"evt.{context}.>"], apply_batch, after=after, chunk=CHUNK)


async def _commit(runtime: Runtime, context: str, entries: list[Entry]) -> None:
    async with runtime.sessions.begin() as session:
        await apply(session, context, entries)


async def _commit_or_quarantine(runtime: Runtime, context: str, entry: Entry) -> None:
    try:
        await _commit(runtime, context, [entry])
    except Exception as error:
        if not _is_about_data(error):
            raise
        async with runtime.sessions.begin() as session:
            await quarantine(session, context, entry, str(error))


def _is_about_data(error: Exception) -> bool:
    """Whether the event is at fault rather than the server: SQLSTATE class 22 (data) or 23 (constraints)."""
    if isinstance(error, DBAPIError):
        return str(getattr(error.orig, "sqlstate", "")).startswith(("22", "23"))
    return isinstance(error, ValueError | TypeError)
