"""The durable pull consumer of a service on another context's stream."""

import contextlib
from collections.abc import Sequence

import msgspec
from contracts.event import stream as stream_of
from nats.aio.client import Client
from nats.js import api
from nats.js.errors import APIError

from messaging.control import Wanted, ask_republish
from messaging.incoming import Consumers


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


async def ensure_durable(
    nats: Client, context: str, durable: str, aggregates: Sequence[str], settings: ConsumerSettings
) -> api.ConsumerInfo:
    """Create or update the durable consumer of `durable`, a service's name, on a context's stream.

    Where aggregates were added to an existing one, the owner is asked to publish their earlier events again; the
    consumer's metadata keeps that in mind until it is done. Raises APIError where the stream does not exist yet.
    """
    jetstream = nats.jetstream()
    stream = stream_of(context)
    filters = [f"evt.{context}.{aggregate}.>" for aggregate in aggregates]
    config = api.ConsumerConfig(
        name=durable,
        durable_name=durable,
        deliver_policy=api.DeliverPolicy.ALL,
        ack_policy=api.AckPolicy.EXPLICIT,
        ack_wait=settings.ack_wait,
        max_deliver=settings.max_deliver,
        max_ack_pending=4 * settings.max_in_hand,
        filter_subjects=filters,
    )
    missing: set[str] = set()
    with contextlib.suppress(APIError):
        existing = (await jetstream.consumer_info(stream, durable)).config
        before = existing.filter_subjects or [existing.filter_subject or ""]
        pending = (existing.metadata or {}).get("behind", "")
        missing = {name for name in aggregates if f"evt.{context}.{name}.>" not in before}
        missing |= {name for name in pending.split(",") if name in aggregates}
    if not missing:
        return await jetstream.add_consumer(stream, config)
    await jetstream.add_consumer(stream, config.evolve(metadata={"behind": ",".join(sorted(missing))}))
    for name in sorted(missing):
        await ask_republish(nats, context, Wanted(aggregate_type=f"{context}.{name}"))
    return await jetstream.add_consumer(stream, config)
