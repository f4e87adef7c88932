"""Reading the individuals of a group."""

from uuid import UUID

from chassis.principal import Principal
from chassis.runtime import Runtime
from kernel import Slice

from orgs.individual_group_individuals.schemas import GroupIndividualAttributes, GroupIndividualQuery
from orgs.individual_groups.queries import readable
from orgs.individuals.queries import summary

PAGE = """
SELECT i.* FROM (
    SELECT individual_id FROM group_individuals WHERE group_id = $1 ORDER BY individual_id LIMIT $2 OFFSET $3) AS h
JOIN individuals i ON i.id = h.individual_id ORDER BY i.id
"""


async def list_(
    runtime: Runtime, principal: Principal, query: GroupIndividualQuery
) -> Slice[tuple[UUID, GroupIndividualAttributes]]:
    """A page of the individuals of a group that the caller may read, in the order of their ids."""
    group_id = query.individual_group_id
    group = await readable(runtime, principal, group_id)
    rows = await runtime.row.all(PAGE, group_id, query.limit, query.offset)
    found = [(row.id, GroupIndividualAttributes(group_id, summary(row))) for row in rows]
    return Slice(found, group.individuals_count, query.page)
