"""What orgs tells of individuals that were to be archived."""

from contracts.orgs import IndividualArchived
from messaging import Consumers, Meta
from sqlalchemy.ext.asyncio import AsyncSession

from identity.archive_requests import commands


async def on_individual_archived(session: AsyncSession, event: IndividualArchived, _: Meta) -> None:
    """The individual is archived."""
    await commands.settle(session, event.individual_id)


table: Consumers = {IndividualArchived: on_individual_archived}
