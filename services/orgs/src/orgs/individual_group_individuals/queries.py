"""Reading the individuals of a group."""

from uuid import UUID

from chassis.principal import Principal
from kernel import Slice
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from orgs.access.queries import reach_of
from orgs.individual_group_individuals.schemas import GroupIndividualAttributes, GroupIndividualQuery
from orgs.individual_groups.queries import require
from orgs.individuals.queries import summary

PAGE = text("""
SELECT i.* FROM (
    SELECT individual_id FROM group_individuals WHERE group_id = :group_id
    ORDER BY individual_id LIMIT :limit OFFSET :offset) AS h
JOIN individuals i ON i.id = h.individual_id ORDER BY i.id
""")


async def list_(
    session: AsyncSession, principal: Principal, query: GroupIndividualQuery
) -> Slice[tuple[UUID, GroupIndividualAttributes]]:
    """A page of the individuals of a group that the caller may read, in the order of their ids."""
    group_id = query.individual_group_id
    group = await require(session, await reach_of(session, principal), group_id, "read")
    rows = await session.execute(PAGE, {"group_id": group_id, "limit": query.limit, "offset": query.offset})
    return Slice(
        [(row.id, GroupIndividualAttributes(group_id, summary(row))) for row in rows],
        group.individuals_count,
        query.page,
    )
