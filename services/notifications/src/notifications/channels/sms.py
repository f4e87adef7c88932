"""Short messages. The provider of development records what it would have sent."""

import re
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import structlog
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from notifications.channels.channel import HandOver, Outgoing, Refused
from notifications.deliveries.models import RecordedText

E164 = re.compile(r"\+[1-9][0-9]{6,14}")

log = structlog.get_logger("notifications.sms")


class RecordingSms:
    """Writes a row instead of sending; the same delivery is recorded once."""

    def __init__(self, sessions: async_sessionmaker[AsyncSession]) -> None:
        """`sessions` opens transactions."""
        self._sessions = sessions

    @asynccontextmanager
    async def prepared(self, message: Outgoing) -> AsyncGenerator[HandOver]:
        """The number is one that can be sent to (ITU-T E.164)."""
        if not E164.fullmatch(message.recipient):
            raise Refused("bad-number")

        async def hand_over() -> None:
            values = {"delivery_id": message.delivery_id, "phone": message.recipient, "text": message.text}
            async with self._sessions.begin() as session:
                await session.execute(insert(RecordedText).values(values).on_conflict_do_nothing())
            log.info("text recorded", delivery_id=str(message.delivery_id))

        yield hand_over

    async def close(self) -> None:
        """Nothing is open."""
