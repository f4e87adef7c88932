"""Requests between services over core NATS: `ctl.<context>.republish`, `.wake` and `.retry`."""

import contextlib

import msgspec
import nats.errors
from nats.aio.client import Client

from messaging.connection import Connection
from messaging.envelope import MSG_ID
from messaging.inbox import Reason
from messaging.incoming import Incoming
from messaging.republish import Republished, Wanted

__all__ = ["Answer", "Republished", "Wanted", "ask_republish", "ask_retry", "note_parked"]

ASK_SECONDS = 30.0


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What a service answers: a count, or an error's text."""

    count: int = 0
    oldest: int | None = None
    error: str | None = None


class RetryWanted(msgspec.Struct, frozen=True, kw_only=True):
    """Which parked aggregate to take up again; None for all. `skip` passes over the event that fails."""

    aggregate_type: str | None = None
    aggregate_id: str | None = None
    skip: bool = False


async def ask_republish(nats_client: Client, context: str, wanted: Wanted) -> Answer:
    """Ask a context's owner to publish events again. Raises nats-py's errors where nobody answers."""
    message = await nats_client.request(f"ctl.{context}.republish", msgspec.json.encode(wanted), ASK_SECONDS)
    return msgspec.json.decode(message.data, type=Answer)


async def ask_retry(nats_client: Client, service: str, wanted: RetryWanted) -> Answer:
    """Ask a running service to take up parked events again. Raises nats-py's errors where nobody answers."""
    message = await nats_client.request(f"ctl.{service}.retry", msgspec.json.encode(wanted), ASK_SECONDS)
    return msgspec.json.decode(message.data, type=Answer)


async def note_parked(connection: Connection, service: str, incoming: Incoming, reason: Reason, error: str) -> None:
    """Leave a note of a parked event in the dead-letter stream. It names the event and does not hold its data."""
    if not connection.connected:
        return
    client = await connection.ready()
    note = {
        "consumer": service,
        "event_id": str(incoming.event_id),
        "aggregate_type": incoming.aggregate_type,
        "aggregate_id": incoming.aggregate_id,
        "aggregate_version": incoming.version,
        "stream": incoming.stream,
        "sequence": incoming.sequence,
        "reason": reason.value,
        "error": error[:1000],
    }
    headers = {MSG_ID: f"{service}-{incoming.event_id}-{reason.value}"}
    with contextlib.suppress(nats.errors.Error):
        subject = f"dlq.{service}.{incoming.aggregate_type}"
        await client.jetstream().publish(subject, msgspec.json.encode(note), 2, headers=headers)
