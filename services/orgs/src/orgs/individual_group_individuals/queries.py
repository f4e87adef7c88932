"""Reading the individuals of a group."""

from uuid import UUID

from chassis.principal import Principal
from chassis.runtime import Runtime
from database import Bookmarks
from kernel import Slice

from orgs.individual_group_individuals.schemas import GroupIndividualAttributes, GroupIndividualQuery
from orgs.individual_groups.queries import readable
from orgs.individuals.queries import SUMMARY, summary

BOOKMARKS = Bookmarks()
PAGE = """
SELECT {columns} FROM (
    SELECT individual_id FROM group_individuals WHERE group_id = $1{start}
    ORDER BY individual_id{order} LIMIT $2 OFFSET $3) AS h
JOIN individuals i ON i.id = h.individual_id ORDER BY i.id
"""
FORWARDS, BACKWARDS = (
    PAGE.format(columns=SUMMARY, start="", order=""),
    PAGE.format(columns=SUMMARY, start="", order=" DESC"),
)
FROM_ONE = PAGE.format(columns=SUMMARY, start=" AND individual_id >= $4", order="")


async def list_(
    runtime: Runtime, principal: Principal, query: GroupIndividualQuery
) -> Slice[tuple[UUID, GroupIndividualAttributes]]:
    """A page of the individuals of a group that the caller may read, in the order of their ids."""
    group_id = query.individual_group_id
    group = await readable(runtime, principal, group_id)
    total = group.individuals_count
    if total <= query.offset:
        return Slice([], total, query.page)
    key = (group_id, group.updated_at)
    way = BOOKMARKS.way(key, query.offset, query.limit, total)
    if way.start is not None:
        rows = await runtime.row.all(FROM_ONE, group_id, way.take, way.skip, way.start)
    else:
        rows = await runtime.row.all(BACKWARDS if way.backwards else FORWARDS, group_id, way.take, way.skip)
    if way.backwards and (await readable(runtime, principal, group_id)).updated_at != group.updated_at:
        rows = await runtime.row.all(FORWARDS, group_id, query.limit, query.offset)
    elif rows:
        BOOKMARKS.note(key, query.offset, len(rows), rows[0][0], rows[-1][0])
    found = [(row[0], GroupIndividualAttributes(group_id, summary(row))) for row in rows]
    return Slice(found, total, query.page)
