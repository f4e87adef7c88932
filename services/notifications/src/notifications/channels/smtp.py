"""Mail by SMTP (RFC 5321) over connections that are kept."""

import contextlib
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import aiosmtplib
from aiosmtplib import SMTP
from kernel import now

from notifications.channels.channel import Deferred, HandOver, Outgoing, Refused
from notifications.channels.composing import Sender, compose
from notifications.channels.signing import signer
from notifications.settings import Settings

PERMANENT = 500
TLS = {"auto": None, "required": True, "none": False}


class SmtpChannel:
    """Sends mails to the server of the settings."""

    def __init__(self, settings: Settings) -> None:
        """Nothing is opened before the first message."""
        self._settings = settings
        self._idle: list[SMTP] = []
        self.sender = Sender(settings.mail_from)
        self._sign = signer(settings, self.sender.domain)

    @asynccontextmanager
    async def prepared(self, message: Outgoing) -> AsyncGenerator[HandOver]:
        """Sender and recipient have been taken by the server; what is left is the text itself."""
        raw = await self._sign(compose(self.sender, message, now()))
        client = await self._envelope(message.recipient)
        kept = False

        async def hand_over() -> None:
            nonlocal kept
            await _data(client, raw)
            kept = True

        try:
            yield hand_over
        finally:
            if kept:
                self._idle.append(client)
            else:
                client.close()

    async def close(self) -> None:
        """End idle connections."""
        while self._idle:
            with contextlib.suppress(aiosmtplib.SMTPException, OSError):
                await self._idle.pop().quit(timeout=1)

    async def _envelope(self, recipient: str) -> SMTP:
        """A connection on which MAIL and RCPT were answered well. A kept one may have gone away in between."""
        while self._idle:
            client = self._idle.pop()
            with contextlib.suppress(aiosmtplib.SMTPException, OSError):
                await self._address(client, recipient)
                return client
            client.close()
        client = await self._connect()
        try:
            await self._address(client, recipient)
        except aiosmtplib.SMTPSenderRefused as error:
            client.close()
            raise Deferred(f"sender-refused-{error.code}") from error
        except (aiosmtplib.SMTPException, OSError) as error:
            client.close()
            raise Deferred(type(error).__name__) from error
        return client

    async def _address(self, client: SMTP, recipient: str) -> None:
        encoding = "ascii" if recipient.isascii() else "utf-8"
        options = [] if recipient.isascii() else ["SMTPUTF8"]
        if options and not client.supports_extension("smtputf8"):
            client.close()
            raise Refused("address-needs-smtputf8")
        await client.mail(self.sender.address, options=options, encoding=encoding)
        try:
            await client.rcpt(recipient, encoding=encoding)
        except aiosmtplib.SMTPRecipientRefused as error:
            client.close()
            raise _judged(error) from error

    async def _connect(self) -> SMTP:
        settings = self._settings
        client = SMTP(
            hostname=settings.smtp_host,
            port=settings.smtp_port,
            timeout=settings.smtp_timeout,
            start_tls=TLS[settings.smtp_tls],
            username=settings.smtp_user or None,
            password=settings.smtp_password or None,
        )
        try:
            await client.connect()
            await client.ehlo()
        except (aiosmtplib.SMTPException, OSError) as error:
            client.close()
            raise Deferred(type(error).__name__) from error
        return client


async def _data(client: SMTP, raw: bytes) -> None:
    try:
        await client.data(raw)
    except aiosmtplib.SMTPDataError as error:
        raise _judged(error) from error
    except (aiosmtplib.SMTPException, OSError) as error:
        raise Deferred(type(error).__name__) from error


def _judged(error: aiosmtplib.SMTPResponseException) -> Deferred | Refused:
    """4yz is for now, 5yz for good (RFC 5321, section 4.2.1)."""
    if error.code < PERMANENT:
        return Deferred(f"smtp-{error.code}")
    return Refused(f"smtp-{error.code}", bounced=True, reply=f"{error.code} {error.message}"[:500])
