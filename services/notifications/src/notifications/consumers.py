"""Other contexts' events and what they cause here."""

from chassis import erasure
from contracts.identity import MessageRequested
from messaging import Consumers, Meta
from sqlalchemy.ext.asyncio import AsyncSession

from notifications.deliveries import commands
from notifications.organizations import commands as organizations


async def on_message_requested(session: AsyncSession, event: MessageRequested, _: Meta) -> None:
    """A person is to be told something."""
    await commands.record(session, event)


table: Consumers = {**erasure.consumers("notifications"), MessageRequested: on_message_requested, **organizations.table}
