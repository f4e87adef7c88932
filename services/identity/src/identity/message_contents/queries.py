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
from identity.users.models import User
from identity.vault import Vault

MOST = 100
"""Messages that are read at once."""


class Addressed(msgspec.Struct, frozen=True):
    """A message and the time zone of whom it is for, where they said one."""

    message: MessageContent
    tz: str | None


async def read(session: AsyncSession, identifier: UUID) -> Addressed:
    """A message that may still be sent. Raises NotFound."""
    found = (await list_(session, [identifier])).rows
    if not found:
        raise NotFound
    return found[0]


async def list_(session: AsyncSession, identifiers: Sequence[UUID]) -> Slice[Addressed]:
    """Those of some messages that may still be sent, in the order of their ids."""
    wanted = (MessageContent.id.in_(identifiers), MessageContent.expires_at >= now())
    rows = select(MessageContent, User.tz).outerjoin(User, User.id == MessageContent.user_id)
    found = [Addressed(*row) for row in await session.execute(rows.where(*wanted).order_by(MessageContent.id))]
    return Slice(found, len(found), Page(MOST, 0))


def attributes(vault: Vault, addressed: Addressed) -> MessageContentAttributes:
    """A message's attributes, unsealed."""
    row = addressed.message
    content = msgspec.json.decode(vault.open_sealed(row.sealed, f"message:{row.id}"), type=Content)
    return MessageContentAttributes(
        type=row.type,
        channel=row.channel,
        recipient=content.recipient,
        locale=content.locale,
        tz=addressed.tz,
        variables=content.variables,
        user_id=row.user_id,
        organization_id=row.organization_id,
        expires_at=row.expires_at,
    )


def recipient_of(vault: Vault, row: MessageContent) -> str:
    """Whom a message goes to."""
    return msgspec.json.decode(vault.open_sealed(row.sealed, f"message:{row.id}"), type=Content).recipient
