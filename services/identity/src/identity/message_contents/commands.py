"""Asking for a message: its content stays here, sealed, and the event says only that there is one."""

from datetime import datetime, timedelta
from uuid import UUID

import msgspec
from contracts.identity import MessageRequested
from kernel import now, uuid7
from messaging import publish
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from identity.message_contents.content import Channel, Content
from identity.message_contents.models import MessageContent
from identity.parts import Parts

KEPT = timedelta(days=3)
SWEEP = text("DELETE FROM message_contents WHERE expires_at < now()")


async def send(
    session: AsyncSession,
    parts: Parts,
    kind: str,
    channel: Channel,
    content: Content,
    *,
    user_id: UUID | None = None,
    organization_id: UUID | None = None,
    expires_at: datetime | None = None,
) -> UUID:
    """Have a message of type `kind` sent, and its id. It is not sent any more after `expires_at`."""
    until = expires_at or now() + KEPT
    identifier = uuid7()
    session.add(
        MessageContent(
            id=identifier,
            type=kind,
            channel=channel,
            user_id=user_id,
            organization_id=organization_id,
            sealed=parts.vault.seal(msgspec.json.encode(content), f"message:{identifier}"),
            expires_at=until,
        )
    )
    await session.flush()  # the content is there before the event is
    requested = MessageRequested(
        message_id=identifier,
        type=kind,
        channel=channel,
        user_id=user_id,
        organization_id=organization_id,
        expires_at=until,
    )
    await publish(session, requested)
    return identifier
