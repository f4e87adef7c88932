"""Reading what a message says."""

from collections.abc import Sequence
from uuid import UUID

import msgspec
from kernel import NotFound, Page, Slice, now
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from identity.message_contents.content import Content
from identity.message_contents.models import MessageContent
from identity.message_contents.schemas import MessageContentAttributes
from identity.vault import Vault

MOST = 100
"""Messages that are read at once."""


async def read(session: AsyncSession, identifier: UUID) -> MessageContent:
    """A message that may still be sent. Raises NotFound."""
    row = await session.get(MessageContent, identifier)
    if row is None or row.expires_at < now():
        raise NotFound
    return row


async def list_(session: AsyncSession, identifiers: Sequence[UUID]) -> Slice[MessageContent]:
    """Those of some messages that may still be sent, in the order of their ids."""
    wanted = (MessageContent.id.in_(identifiers), MessageContent.expires_at >= now())
    rows = list(await session.scalars(select(MessageContent).where(*wanted).order_by(MessageContent.id)))
    return Slice(rows, len(rows), Page(MOST, 0))


def attributes(vault: Vault, row: MessageContent) -> MessageContentAttributes:
    """A message's attributes, unsealed."""
    content = msgspec.json.decode(vault.open_sealed(row.sealed, f"message:{row.id}"), type=Content)
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


def recipient_of(vault: Vault, row: MessageContent) -> str:
    """Whom a message goes to."""
    return msgspec.json.decode(vault.open_sealed(row.sealed, f"message:{row.id}"), type=Content).recipient
