"""Reading what a message says."""

from uuid import UUID

from kernel import NotFound, now
from sqlalchemy.ext.asyncio import AsyncSession

from identity.message_contents.models import MessageContent


async def read(session: AsyncSession, identifier: UUID) -> MessageContent:
    """A message that may still be sent. Raises NotFound."""
    row = await session.get(MessageContent, identifier)
    if row is None or row.expires_at < now():
        raise NotFound
    return row
