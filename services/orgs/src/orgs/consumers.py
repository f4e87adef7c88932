"""What orgs does when others announce something."""

from chassis import erasure
from chassis.runtime import Runtime
from contracts.artifacts import CohortsReported
from contracts.identity import ArchiveConfirmed, LoginsReported
from messaging import Consumers, Meta
from sqlalchemy.ext.asyncio import AsyncSession

from orgs.aggregation_requests import commands as aggregations
from orgs.individuals import commands as individuals
from orgs.people import consumers as people
from orgs.user_organizations import consumers as user_organizations


def table(runtime: Runtime) -> Consumers:
    """The events that concern orgs."""
    return {
        **erasure.consumers("orgs"),
        **people.table(runtime),
        **user_organizations.table,
        ArchiveConfirmed: on_archive_confirmed,
        LoginsReported: on_aggregates_reported,
        CohortsReported: on_aggregates_reported,
    }


async def on_archive_confirmed(session: AsyncSession, event: ArchiveConfirmed, _: Meta) -> None:
    """An individual is to be archived."""
    await individuals.archive(session, event.individual_id)


async def on_aggregates_reported(session: AsyncSession, event: LoginsReported | CohortsReported, _: Meta) -> None:
    """Columns of individuals were computed by the service that owns them."""
    await aggregations.report(session, event.request_id, event.column, event.individual_ids, event.values)
