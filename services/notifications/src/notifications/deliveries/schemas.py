"""Deliveries on the wire."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from jsonapi import Collection, Document, Paged

KIND = "deliveries"
Word = Annotated[str, msgspec.Meta(min_length=1, max_length=64, pattern=r"\A[a-z0-9-]+\Z")]
Status = Literal["pending", "sent", "bounced", "failed"]


class DeliveryAttributes(msgspec.Struct, rename="kebab"):
    """One message on its way to one person, without address or text. `reason` says why it waits or was given up.

    `report` is the provider's later word. A template is named where the organization or its theme wrote the text.
    """

    attempts: int
    bounce_subtype: str | None
    bounce_type: str | None
    channel: str
    created_time: datetime
    expires_time: datetime | None
    message_type: str
    next_attempt_time: datetime | None
    organization_id: UUID | None
    reason: str | None
    report: str | None
    settled_time: datetime | None
    status: Status
    template_id: UUID | None
    template_version: int | None
    user_id: UUID | None


class DeliveryQuery(Paged, kw_only=True):
    """Which deliveries; without a status, all."""

    organization_id: UUID | None = msgspec.field(name="organization-id", default=None)
    status: Status | None = msgspec.field(name="filter[status]", default=None)
    channel: Word | None = msgspec.field(name="filter[channel]", default=None)
    message_type: Word | None = msgspec.field(name="filter[message-type]", default=None)
    user_id: UUID | None = msgspec.field(name="filter[user-id]", default=None)
    since: datetime | None = msgspec.field(name="filter[created-time][gte]", default=None)


DeliveryDocument = Document[Literal["deliveries"], DeliveryAttributes]
DeliveryCollection = Collection[Literal["deliveries"], DeliveryAttributes]
