"""Reading the record of groups."""

from typing import Any
from uuid import UUID

from chassis.principal import Principal
from kernel import Slice
from sqlalchemy import exists, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from orgs.access.queries import administered, reach_of, readable_groups
from orgs.individual_group_logs.models import GroupLog
from orgs.individual_group_logs.schemas import LogAttributes, LogAuthor, LogQuery
from orgs.individual_groups.models import Group


async def list_(session: AsyncSession, principal: Principal, query: LogQuery) -> Slice[tuple[UUID, LogAttributes]]:
    """A page of the record, oldest first: of groups that the caller may read; for administrators also of gone ones."""
    reach = await reach_of(session, principal)
    open_to = exists().where(Group.id == GroupLog.group_id, readable_groups(reach)).correlate(GroupLog)
    statement = select(GroupLog).where(or_(administered(reach, GroupLog.organization_id), open_to))
    for individual in (query.filter_individual_id, query.individual_id):
        if individual is not None:
            statement = statement.where(GroupLog.subject == "individual", GroupLog.person_id == individual)
    if query.individual_group_id is not None:
        statement = statement.where(GroupLog.group_id == query.individual_group_id)
    if query.organization_id is not None:
        statement = statement.where(GroupLog.organization_id == query.organization_id)
    total = (await session.execute(select(func.count()).select_from(statement.subquery()))).scalar_one()
    page = statement.order_by(GroupLog.id).limit(query.limit).offset(query.offset)
    return Slice([(row.id, _attributes(row)) for row in await session.scalars(page)], total, query.page)


def _attributes(row: Any) -> LogAttributes:
    individual = row.subject == "individual"
    return LogAttributes(
        event=row.event,
        subject=row.subject,
        individual_group_id=row.group_id,
        individual_id=row.person_id if individual else None,
        user_id=None if individual else row.person_id,
        created_by=LogAuthor(row.created_by) if row.created_by else None,
        created_time=row.created_at,
    )
