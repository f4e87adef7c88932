"""Reading the leaders of a group."""

from uuid import UUID

from chassis.principal import Principal
from chassis.runtime import Runtime
from kernel import Slice

from orgs.individual_group_leaders.schemas import GroupLeaderAttributes, GroupLeaderQuery, Leader
from orgs.individual_groups.queries import readable

COUNT = "SELECT count(*) FROM group_staff WHERE group_id = $1 AND kind = 'leader'"
PAGE = """
SELECT s.user_id, p.first_name, p.last_name, p.username
FROM (SELECT user_id FROM group_staff WHERE group_id = $1 AND kind = 'leader'
      ORDER BY user_id LIMIT $2 OFFSET $3) AS s
LEFT JOIN people p ON p.user_id = s.user_id ORDER BY s.user_id
"""


async def list_(
    runtime: Runtime, principal: Principal, query: GroupLeaderQuery
) -> Slice[tuple[UUID, GroupLeaderAttributes]]:
    """A page of the leaders of a group that the caller may read, in the order of their ids."""
    group_id = query.individual_group_id
    await readable(runtime, principal, group_id)
    total = (await runtime.row.all(COUNT, group_id))[0][0]
    rows = await runtime.row.all(PAGE, group_id, query.limit, query.offset)
    found = [(row[0], GroupLeaderAttributes(group_id, Leader(*row))) for row in rows]
    return Slice(found, total, query.page)
