"""Ways to reach a person that a deployment has no provider for."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from notifications.channels.channel import HandOver, Outgoing, Refused

NOT_CONFIGURED = "not-configured"
TO_DEVICES = ("web-push", "mobile")
"""Channels whose recipient is a user: a provider knows the browsers and telephones that they gave it."""


class Unconfigured:
    """Refuses every message, so that it is seen at once and can be sent again once there is a provider.

    A provider has to be a `Channel`: it takes `Outgoing.subject` as the title, `text` as the body and `reference` as
    the key of repeats (the topic of RFC 8030, the collapse id of the telephones' makers), and raises Refused for a
    device that is gone.
    """

    @asynccontextmanager
    async def prepared(self, message: Outgoing) -> AsyncGenerator[HandOver]:
        """Raises Refused."""
        del message
        raise Refused(NOT_CONFIGURED)
        yield  # a generator has one

    async def close(self) -> None:
        """Nothing is open."""
