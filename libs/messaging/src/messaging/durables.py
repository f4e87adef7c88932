"""The durable pull consumer of a service on another context's stream."""

import asyncio
import contextlib
from collections.abc import Sequence
from datetime import UTC, datetime

import msgspec
import nats.errors
import structlog
from contracts.event import stream as stream_of
from nats.aio.client import Client
from nats.js import api
from nats.js.errors import APIError, NotFoundError

from messaging.connection import Connection
from messaging.control import Wanted, ask_republish
from messaging.incoming import Consumers

BEHIND = "behind"
ASK_AGAIN_SECONDS = 5.0

log = structlog.get_logger("messaging.durables")


class Copying(msgspec.Struct, frozen=True, kw_only=True):
    """A durable consumer of a context's stream: its name, when it was made and when it last asked for events."""

    name: str
    created_at: datetime
    polled_at: datetime | None


class ConsumerSettings(msgspec.Struct, frozen=True, kw_only=True):
    """How a service reads. Times in seconds."""

    concurrency: int = 8
    max_in_hand: int = 256
    ack_wait: float = 15.0
    max_deliver: int = 8
    handler_seconds: float = 60.0
    retry_delays: Sequence[float] = (0.5, 1, 2, 4, 8, 16, 30)
    gap_delays: Sequence[float] = (0.1, 0.3, 0.6)


def aggregates_of(table: Consumers, context: str) -> list[str]:
    """The aggregates of a context that a table names. Readers take all events of each, so versions have no gaps."""
    return sorted({kind.aggregate for kind in table if kind.context == context})


async def copying(client: Client, context: str) -> list[Copying]:
    """The durable consumers of a context's stream, by name. Raises nats-py's errors where it does not answer.

    The server keeps no time of the last request: it is now where one waits, else the last delivery or acknowledgement.
    """
    jetstream, stream = client.jetstream(), stream_of(context)
    found: list[api.ConsumerInfo] = []
    while page := await jetstream.consumers_info(stream, offset=len(found)):
        found += page
    durable = [info for info in found if info.config.durable_name]
    return [
        Copying(name=info.name, created_at=info.created, polled_at=_polled(info)) for info in sorted(durable, key=_name)
    ]


def _name(info: api.ConsumerInfo) -> str:
    return info.name


def _polled(info: api.ConsumerInfo) -> datetime | None:
    if info.num_waiting:
        return datetime.now(UTC)
    times = [place.last_active for place in (info.delivered, info.ack_floor) if place and place.last_active]
    return max(times, default=None)


async def ensure_durable(
    client: Client, context: str, durable: str, aggregates: Sequence[str], settings: ConsumerSettings
) -> tuple[api.ConsumerInfo, set[str]]:
    """Create or update the durable consumer of `durable`, a service's name, on a context's stream.

    Returns it and the aggregates that were added to an existing one, whose earlier events it has passed by: the
    consumer's metadata keeps them in mind until `catch_up` has seen to it. Raises APIError where the stream does not
    exist yet.
    """
    jetstream, stream = client.jetstream(), stream_of(context)
    missing: set[str] = set()
    with contextlib.suppress(NotFoundError):
        existing = (await jetstream.consumer_info(stream, durable)).config
        before = existing.filter_subjects or [existing.filter_subject or ""]
        pending = (existing.metadata or {}).get(BEHIND, "")
        missing = {name for name in aggregates if f"evt.{context}.{name}.>" not in before}
        missing |= {name for name in pending.split(",") if name in aggregates}
    config = api.ConsumerConfig(
        name=durable,
        durable_name=durable,
        deliver_policy=api.DeliverPolicy.ALL,
        ack_policy=api.AckPolicy.EXPLICIT,
        ack_wait=settings.ack_wait,
        max_deliver=settings.max_deliver,
        max_ack_pending=4 * settings.max_in_hand,
        filter_subjects=[f"evt.{context}.{aggregate}.>" for aggregate in aggregates],
        metadata={BEHIND: ",".join(sorted(missing))} if missing else None,
    )
    return await jetstream.add_consumer(stream, config), missing


async def catch_up(connection: Connection, context: str, info: api.ConsumerInfo, missing: set[str]) -> None:
    """Ask the owner to publish the earlier events of added aggregates again, until it has done so."""
    while True:
        client = await connection.ready()
        try:
            for name in sorted(missing):
                answer = await ask_republish(client, context, Wanted(aggregate_type=f"{context}.{name}"))
                log.info("earlier events asked for", context=context, aggregate=name, count=answer.count)
            await client.jetstream().add_consumer(info.stream_name, info.config.evolve(metadata=None))
        except (nats.errors.Error, APIError, TimeoutError, OSError) as error:
            log.warning("earlier events are still missing", context=context, error=str(error) or repr(error))
            await asyncio.sleep(ASK_AGAIN_SECONDS)
        else:
            return
