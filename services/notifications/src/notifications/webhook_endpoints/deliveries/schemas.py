"""Deliveries, tries and replays as they go in and out."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from jsonapi import Collection, Document, NewDocument, Paged
from msgspec import Meta

KIND = "webhook-deliveries"
ATTEMPT_KIND = "webhook-attempts"

Status = Literal["pending", "delivered", "failed"]
Time = Annotated[datetime, Meta(tz=True)]
TypeName = Annotated[str, Meta(max_length=100, pattern=r"\A[^\x00]*\Z")]


class DeliveryAttributes(msgspec.Struct, rename="kebab"):
    """One event for one endpoint. `event-id` is the header `webhook-id` and the body's `id`, at every try.

    `payload` is the body that is sent. `last-status` is what the receiver answered last; without an answer, `reason`
    says why: address, connection, certificate, time, protocol.
    """

    webhook_endpoint_id: UUID
    event_id: UUID
    event_type: str
    test: bool
    status: Status
    attempts: int
    last_status: int | None
    reason: str | None
    next_attempt_time: datetime | None
    settled_time: datetime | None
    created_time: datetime
    payload: dict[str, Any]


class AttemptAttributes(msgspec.Struct, rename="kebab"):
    """One try: how long it took, and the first 1024 bytes of the answer as text."""

    number: int
    attempted_time: datetime
    duration_milliseconds: int
    status: int | None
    reason: str | None
    answer: str


class DeliveryQuery(Paged, kw_only=True):
    """Parameters of the log."""

    status: Status | None = msgspec.field(name="filter[status]", default=None)
    event_type: TypeName | None = msgspec.field(name="filter[event-type]", default=None)
    event_id: UUID | None = msgspec.field(name="filter[event-id]", default=None)
    since: Time | None = msgspec.field(name="filter[created-time][gte]", default=None)
    until: Time | None = msgspec.field(name="filter[created-time][lte]", default=None)


class AttemptQuery(Paged, kw_only=True):
    """Parameters of the tries' list."""


class Replay(msgspec.Struct, rename="kebab", forbid_unknown_fields=True):
    """What is sent again: what was recorded `since` then and was given up; what was delivered only if that is asked."""

    since: Time
    include_delivered: bool = False


class Replayed(msgspec.Struct, rename="kebab"):
    """How many are sent again, oldest first. Where `complete` is false, ask again from `until` on."""

    replayed: int
    complete: bool
    until: datetime | None


class ReplayedAnswer(msgspec.Struct):
    """The answer to a replay of many."""

    meta: Replayed


DeliveryDocument = Document[Literal["webhook-deliveries"], DeliveryAttributes]
DeliveryCollection = Collection[Literal["webhook-deliveries"], DeliveryAttributes]
AttemptCollection = Collection[Literal["webhook-attempts"], AttemptAttributes]
ReplayDocument = NewDocument[Literal["webhook-replays"], Replay]
