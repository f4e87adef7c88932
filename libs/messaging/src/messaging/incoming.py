"""What a reader gets: one message from a stream, read as far as it can be read."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

import msgspec
from contracts.event import Event
from nats.aio.msg import Msg
from sqlalchemy.ext.asyncio import AsyncSession

from messaging.envelope import Envelope, Undecodable, aggregate_of, decode, decode_event, event_id_of

_UNNAMED = UUID("6f0d9f4e-51c5-4a34-9f0c-9a3a2f1f5a10")


class Meta(msgspec.Struct, frozen=True, kw_only=True):
    """What a handler may want to know beside the event itself."""

    event_id: UUID
    occurred_at: datetime
    aggregate_version: int
    stream: str
    sequence: int
    tenant_id: UUID | None
    traceparent: str | None
    correlation_id: str | None = None


Handler = Callable[[AsyncSession, Any, Meta], Awaitable[None]]
Consumers = dict[type[Event], Handler]
"""A service's table: event type -> function. Several functions for one event are one function that calls them."""


class Incoming(msgspec.Struct, frozen=True, kw_only=True):
    """One message. `problem` says why it cannot be applied; then `event` is None and `envelope` may be."""

    event_id: UUID
    aggregate_type: str
    aggregate_id: str
    version: int
    subject: str
    stream: str
    sequence: int
    data: bytes
    headers: Mapping[str, str]
    envelope: Envelope | None
    event: Event | None
    problem: str | None

    @property
    def aggregate(self) -> tuple[str, str]:
        """Type and id; the id is empty where the message does not tell it."""
        return self.aggregate_type, self.aggregate_id

    @property
    def traceparent(self) -> str | None:
        """The publisher's span."""
        return self.envelope.traceparent if self.envelope else None

    @property
    def meta(self) -> Meta:
        """For the handler. Only of a message that was read."""
        if self.envelope is None:
            raise Undecodable(self.problem or "no envelope")
        return Meta(
            event_id=self.event_id,
            occurred_at=self.envelope.time,
            aggregate_version=self.version,
            stream=self.stream,
            sequence=self.sequence,
            tenant_id=self.envelope.tenantid,
            traceparent=self.envelope.traceparent,
            correlation_id=self.envelope.correlationid,
        )


def read(subject: str, stream: str, sequence: int, data: bytes, headers: Mapping[str, str]) -> Incoming:
    """Read a message. Never raises: what cannot be read has a `problem`.

    The subject, which permissions guard, has to agree with the type: nobody speaks for another context.
    """
    envelope, event, problem = None, None, None
    try:
        envelope = decode(data)
        event = decode_event(envelope)
    except Undecodable as error:
        problem = str(error)
    if envelope is not None and not subject.startswith(f"evt.{envelope.key}."):
        envelope, event, problem, headers = None, None, f"{envelope.type} does not belong on {subject}", {}
    if envelope is not None:
        told = (envelope.aggregate_type, envelope.aggregateid, envelope.aggregateversion)
    else:
        told = aggregate_of(headers) or (_type_of_subject(subject), "", 0)
    return Incoming(
        event_id=envelope.id if envelope else event_id_of(headers) or uuid5(_UNNAMED, f"{stream}:{sequence}"),
        aggregate_type=told[0],
        aggregate_id=told[1],
        version=told[2],
        subject=subject,
        stream=stream,
        sequence=sequence,
        data=data,
        headers=headers,
        envelope=envelope,
        event=event,
        problem=problem,
    )


def read_message(message: Msg) -> Incoming:
    """Read a message of a JetStream consumer."""
    metadata = message.metadata
    headers = {str(name): value for name, value in (message.headers or {}).items()}
    return read(message.subject, metadata.stream, metadata.sequence.stream, message.data, headers)


def _type_of_subject(subject: str) -> str:
    return ".".join(subject.split(".")[1:3])
