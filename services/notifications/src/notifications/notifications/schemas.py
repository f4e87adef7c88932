"""Messages within applications as they go out."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from jsonapi import Collection, Document, Paged, Query
from msgspec import Meta

KIND = "notifications"

Name = Annotated[str, Meta(max_length=64, pattern=r"\A[^\x00]*\Z")]


class NotificationAttributes(msgspec.Struct, rename="kebab"):
    """What a person is told. `read-time` is when they marked it."""

    created_time: datetime
    message_type: str
    organization_id: UUID | None
    read_time: datetime | None
    subject: str
    text: str


class NotificationQuery(Paged, kw_only=True):
    """Parameters of the list."""

    message_type: Name | None = msgspec.field(name="filter[message-type]", default=None)
    read: bool | None = msgspec.field(name="filter[read]", default=None)


class StreamQuery(Query, kw_only=True):
    """From where on. The header `Last-Event-ID` goes before."""

    after: Annotated[str, Meta(max_length=20)] | None = None


class Unread(msgspec.Struct, rename="kebab"):
    """How many messages a person has not marked read."""

    unread_count: int


class Marked(msgspec.Struct, rename="kebab"):
    """How many messages were marked read."""

    marked: int


class UnreadAnswer(msgspec.Struct):
    """The count."""

    data: Unread


class MarkedAnswer(msgspec.Struct):
    """The count."""

    data: Marked


NotificationDocument = Document[Literal["notifications"], NotificationAttributes]
NotificationCollection = Collection[Literal["notifications"], NotificationAttributes]
