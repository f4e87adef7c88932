"""Short messages. The provider of development records what it would have sent, and mails it where it can be read."""

import re
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import msgspec
import structlog
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from notifications.channels.channel import HandOver, Outgoing, Refused
from notifications.channels.smtp import SmtpChannel
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


class MailedSms:
    """Records a text and mails it to NUMBER@DOMAIN: a development mailbox, or a carrier's gateway for texts."""

    def __init__(self, recording: RecordingSms, mail: SmtpChannel, domain: str) -> None:
        """`domain` is that of the addresses."""
        self._recording = recording
        self._mail = mail
        self._domain = domain

    @asynccontextmanager
    async def prepared(self, message: Outgoing) -> AsyncGenerator[HandOver]:
        """Both ways are ready."""
        subject = f"Text to {message.recipient}"
        mailed = msgspec.structs.replace(
            message, recipient=f"{message.recipient}@{self._domain}", recipient_name="", subject=subject, html=""
        )
        async with self._recording.prepared(message) as record, self._mail.prepared(mailed) as send:

            async def hand_over() -> None:
                await record()
                await send()

            yield hand_over

    async def close(self) -> None:
        """Let the connections go."""
        await self._mail.close()
