"""Other contexts' events and what they cause here."""

from typing import Any

from chassis import erasure
from contracts.identity import MessageRequested
from messaging import Consumers, Handler, Meta
from sqlalchemy.ext.asyncio import AsyncSession

from notifications.deliveries import commands
from notifications.organizations import commands as organizations
from notifications.webhook_endpoints.deliveries import recording as webhooks


async def on_message_requested(session: AsyncSession, event: MessageRequested, _: Meta) -> None:
    """A person is to be told something."""
    await commands.record(session, event)


def together(*tables: Consumers) -> Consumers:
    """One table of several; an event that more than one names is handled by one after another."""
    handlers: dict[Any, list[Handler]] = {}
    for one in tables:
        for kind, handler in one.items():
            handlers.setdefault(kind, []).append(handler)
    return {kind: _each(found) if len(found) > 1 else found[0] for kind, found in handlers.items()}


def _each(handlers: list[Handler]) -> Handler:
    async def handle(session: AsyncSession, event: Any, meta: Meta) -> None:
        for handler in handlers:
            await handler(session, event, meta)

    return handle


table: Consumers = together(
    erasure.consumers("notifications"),
    {MessageRequested: on_message_requested},
    organizations.table,
    webhooks.table,
)
