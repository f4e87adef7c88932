"""Declaration of the streams: one a context, and one for dead letters."""

from datetime import timedelta

import structlog
from contracts.event import stream
from nats.aio.client import Client
from nats.js import api
from nats.js.errors import APIError

DEAD_LETTERS = "DLQ"
ADVISORIES = "$JS.EVENT.ADVISORY.CONSUMER.MAX_DELIVERIES"
RETENTION = timedelta(days=30)
DUPLICATE_WINDOW = timedelta(minutes=20)
DEAD_LETTERS_KEPT = timedelta(days=90)
_NAME_IN_USE = 10058

log = structlog.get_logger("messaging.streams")


def events_config(context: str, *, retention: timedelta = RETENTION, replicas: int = 1) -> api.StreamConfig:
    """A context's stream: refuses new messages rather than lose old ones when it is full."""
    return api.StreamConfig(
        name=stream(context),
        description=f"Events of {context}",
        subjects=[f"evt.{context}.>"],
        retention=api.RetentionPolicy.LIMITS,
        storage=api.StorageType.FILE,
        discard=api.DiscardPolicy.NEW,
        max_age=retention.total_seconds(),
        duplicate_window=min(DUPLICATE_WINDOW, retention).total_seconds(),
        num_replicas=replicas,
        deny_delete=True,
    )


def dead_letters_config(*, replicas: int = 1) -> api.StreamConfig:
    """Notes of parked events, and the server's own notes of messages that it gave up to deliver."""
    return api.StreamConfig(
        name=DEAD_LETTERS,
        description="Events that could not be handled",
        subjects=["dlq.>", f"{ADVISORIES}.>"],
        retention=api.RetentionPolicy.LIMITS,
        storage=api.StorageType.FILE,
        discard=api.DiscardPolicy.OLD,
        max_age=DEAD_LETTERS_KEPT.total_seconds(),
        max_bytes=64 * 1024 * 1024,
        num_replicas=replicas,
    )


async def ensure(nats: Client, config: api.StreamConfig, *, update: bool = True) -> api.StreamInfo:
    """Create the stream, or bring an existing one to `config` where `update` allows it.

    Creation with the same settings is idempotent on the server, so services that start together do not disturb each
    other. Raises nats.js.errors.APIError where the server refuses.
    """
    jetstream = nats.jetstream()
    try:
        return await jetstream.add_stream(config)
    except APIError as error:
        if error.err_code != _NAME_IN_USE:
            raise
    if update:
        log.info("stream updated", stream=config.name)
        return await jetstream.update_stream(config)
    return await jetstream.stream_info(config.name or "")


async def ensure_own(nats: Client, context: str, *, retention: timedelta = RETENTION, replicas: int = 1) -> None:
    """What a service does when it starts: its own stream as declared, and the one for dead letters where missing."""
    await ensure(nats, events_config(context, retention=retention, replicas=replicas))
    await ensure(nats, dead_letters_config(replicas=replicas), update=False)
