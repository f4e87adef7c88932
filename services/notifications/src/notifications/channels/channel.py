"""What every way to reach a person has in common.

A channel takes every step that can still be taken back in `prepared`, and the one that cannot in `hand_over`. The
caller writes the outcome between the two and commits right after, so what can be sent twice is only what was handed
over in the moment between that step and the commit.
"""

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from typing import Protocol
from uuid import UUID

import msgspec

HandOver = Callable[[], Awaitable[None]]


class Outgoing(msgspec.Struct, frozen=True, kw_only=True):
    """A rendered message. `reference` is the same at every try, so that a repeat can be recognised."""

    delivery_id: UUID
    reference: UUID
    recipient: str
    recipient_name: str
    subject: str
    text: str
    html: str
    reply_to: str = ""
    unsubscribe_url: str = ""


class Deferred(Exception):
    """Not now: try again later. `reason` is a code without personal data."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Refused(Exception):
    """Never: trying again would not help. `bounced` tells that the receiving side said so."""

    def __init__(self, reason: str, *, bounced: bool = False, reply: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.bounced = bounced
        self.reply = reply


class Channel(Protocol):
    """A way to reach a person."""

    def prepared(self, message: Outgoing) -> AbstractAsyncContextManager[HandOver]:
        """Everything before the last step. Raises Deferred or Refused, here and in the last step."""
        ...

    async def close(self) -> None:
        """Let connections go."""
        ...
