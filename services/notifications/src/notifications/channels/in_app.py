"""Messages within applications: a row that the person lists, and that open streams hand on."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from notifications.channels.channel import HandOver, Outgoing, Refused
from notifications.notifications import commands


class InAppChannel:
    """Writes the row; the same message is put before the person once, however often it is tried."""

    def __init__(self, sessions: async_sessionmaker[AsyncSession]) -> None:
        """`sessions` opens transactions."""
        self._sessions = sessions

    @asynccontextmanager
    async def prepared(self, message: Outgoing) -> AsyncGenerator[HandOver]:
        """The recipient is a user's id."""
        try:
            user_id = UUID(message.recipient)
        except ValueError:
            raise Refused("no-address") from None

        async def hand_over() -> None:
            async with self._sessions.begin() as session:
                await commands.add(
                    session, user_id, message.delivery_id, message.reference, message.subject, message.text
                )

        yield hand_over

    async def close(self) -> None:
        """Nothing is open."""
