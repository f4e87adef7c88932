"""Message contents as documents."""

from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec
from jsonapi import Document

from identity.message_contents.commands import Content
from identity.message_contents.models import MessageContent


class MessageContentAttributes(msgspec.Struct, rename="kebab"):
    """One message: to whom, in which language, of which type and with which variables."""

    type: str
    channel: str
    recipient: str
    locale: str
    variables: dict[str, str]
    user_id: UUID | None
    organization_id: UUID | None
    expires_at: datetime


MessageContentDocument = Document[Literal["message-contents"], MessageContentAttributes]


def attributes(row: MessageContent, content: Content) -> MessageContentAttributes:
    """A message's attributes."""
    return MessageContentAttributes(
        type=row.type,
        channel=row.channel,
        recipient=content.recipient,
        locale=content.locale,
        variables=content.variables,
        user_id=row.user_id,
        organization_id=row.organization_id,
        expires_at=row.expires_at,
    )
