"""Reading the leaders of a group."""

from uuid import UUID

from chassis.principal import Principal
from kernel import Slice
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from orgs.access.queries import reach_of
from orgs.individual_group_leaders.schemas import GroupLeaderAttributes, GroupLeaderQuery, Leader
from orgs.individual_groups.queries import require

COUNT = text("SELECT count(*) FROM group_staff WHERE group_id = :group_id AND kind = 'leader'")
PAGE = text("""
SELECT s.user_id, p.first_name, p.last_name, p.username
FROM (SELECT user_id FROM group_staff WHERE group_id = :group_id AND kind = 'leader'
      ORDER BY user_id LIMIT :limit OFFSET :offset) AS s
LEFT JOIN people p ON p.user_id = s.user_id ORDER BY s.user_id
""")


async def list_(
    session: AsyncSession, principal: Principal, query: GroupLeaderQuery
) -> Slice[tuple[UUID, GroupLeaderAttributes]]:
    """A page of the leaders of a group that the caller may read, in the order of their ids."""
    group_id = query.individual_group_id
    await require(session, await reach_of(session, principal), group_id, "read")
    total = await session.scalar(COUNT, {"group_id": group_id}) or 0
    rows = await session.execute(PAGE, {"group_id": group_id, "limit": query.limit, "offset": query.offset})
    found = [(row.user_id, GroupLeaderAttributes(group_id, Leader(*row))) for row in rows]
    return Slice(found, total, query.page)
