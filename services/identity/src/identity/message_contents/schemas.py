"""Message contents as documents."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from jsonapi import Collection, Document, Query


class MessageContentAttributes(msgspec.Struct, rename="kebab"):
    """One message: to whom, in which language and time zone, of which type and with which variables."""

    type: str
    channel: str
    recipient: str
    locale: str
    tz: str | None
    variables: dict[str, str]
    user_id: UUID | None
    organization_id: UUID | None
    expires_at: datetime


class MessageContentsQuery(Query, kw_only=True):
    """Which messages."""

    ids: Annotated[list[UUID], msgspec.Meta(min_length=1, max_length=100)]


MessageContentCollection = Collection[Literal["message-contents"], MessageContentAttributes]
MessageContentDocument = Document[Literal["message-contents"], MessageContentAttributes]
