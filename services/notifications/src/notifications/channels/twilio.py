"""Short messages by an HTTP provider with Twilio's interface (Programmable Messaging, 2010-04-01)."""

from base64 import b64encode
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import msgspec

from notifications.channels.channel import Deferred, HandOver, Outgoing, Refused
from notifications.channels.sms import E164
from notifications.settings import Settings

SECONDS = 10.0
MOST_BYTES = 65_536
TAKEN = frozenset({200, 201})
TOO_MANY, SERVER_FAULT = 429, 500
UNREACHABLE = frozenset({21211, 21214, 21408, 21610, 21612, 21614})
"""Twilio's codes for a number that cannot or must not be sent to."""


class _Answer(msgspec.Struct):
    code: int | None = None


class TwilioSms:
    """Posts a message with the address at which the provider reports what became of it.

    A provider that takes the message and whose answer is lost gets it again; it has no keys to tell repeats by.
    """

    def __init__(self, settings: Settings) -> None:
        """Nothing is opened before the first message."""
        self._settings = settings
        self._http: aiohttp.ClientSession | None = None

    @asynccontextmanager
    async def prepared(self, message: Outgoing) -> AsyncGenerator[HandOver]:
        """The number is one that can be sent to (ITU-T E.164)."""
        if not E164.fullmatch(message.recipient):
            raise Refused("bad-number")

        async def hand_over() -> None:
            _judge(*await self._post(message))

        yield hand_over

    async def close(self) -> None:
        """Let the connections go."""
        if self._http is not None:
            await self._http.close()
            self._http = None

    async def _post(self, message: Outgoing) -> tuple[int, bytes]:
        settings = self._settings
        if self._http is None:
            basic = b64encode(f"{settings.sms_account}:{settings.sms_secret}".encode()).decode()
            headers = {"authorization": f"Basic {basic}"}
            self._http = aiohttp.ClientSession(headers=headers, timeout=aiohttp.ClientTimeout(total=SECONDS))
        url = f"{settings.sms_url}/2010-04-01/Accounts/{settings.sms_account}/Messages.json"
        form: dict[str, Any] = {
            "To": message.recipient,
            "From": settings.sms_from,
            "Body": message.text.strip(),
            "StatusCallback": f"{settings.public_url}/v1/onboarding-texts/{message.delivery_id}/update-status/",
        }
        try:
            async with self._http.post(url, data=form, allow_redirects=False) as answer:
                return answer.status, await answer.content.read(MOST_BYTES)
        except (TimeoutError, aiohttp.ClientError) as error:
            raise Deferred(f"sms-{type(error).__name__}") from error


def _judge(status: int, raw: bytes) -> None:
    """Raise Deferred for what may work later, Refused for what never will."""
    if status in TAKEN:
        return
    if status == TOO_MANY or status >= SERVER_FAULT:
        raise Deferred(f"sms-{status}")
    try:
        code = msgspec.json.decode(raw, type=_Answer).code
    except msgspec.DecodeError:
        code = None
    if code in UNREACHABLE:
        raise Refused(f"sms-{code}", bounced=True, reply=f"{status} {code}")
    if status in {401, 403}:
        raise Deferred(f"sms-{status}")
    raise Refused(f"sms-{code or status}")
