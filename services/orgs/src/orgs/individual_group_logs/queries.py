"""Reading the record of groups."""

from typing import Any
from uuid import UUID

from chassis.principal import Principal
from kernel import Slice
from sqlalchemy import exists, func, or_, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from orgs.access.queries import Reach, administered, reach_of, readable_groups
from orgs.individual_group_logs.models import GroupLog
from orgs.individual_group_logs.schemas import LogAttributes, LogAuthor, LogQuery
from orgs.individual_groups.models import Group

COUNTED = text("""
SELECT coalesce((SELECT entries FROM group_log_counts WHERE organization_id = :id), 0) + (
    SELECT count(*) FROM group_logs
    WHERE organization_id = :id AND id >= (SELECT counted_to FROM group_log_mark))
""")


async def list_(session: AsyncSession, principal: Principal, query: LogQuery) -> Slice[tuple[UUID, LogAttributes]]:
    """A page of the record, oldest first: of groups that the caller may read; for administrators also of gone ones."""
    reach = await reach_of(session, principal)
    filters = _filters(query)
    organization_id = query.organization_id
    if organization_id is not None:
        filters.append(GroupLog.organization_id == organization_id)
    own = organization_id is not None and (reach.everything or organization_id in reach.admin_of)
    if own and len(filters) == 1:
        total = await session.scalar(COUNTED, {"id": organization_id}) or 0
    else:
        filters += [] if own else [_visible(reach)]
        total = (await session.execute(select(func.count()).select_from(GroupLog).where(*filters))).scalar_one()
    if total <= query.offset:
        return Slice([], total, query.page)
    chosen = select(GroupLog.id).where(*filters).order_by(GroupLog.id).limit(query.limit).offset(query.offset)
    found = chosen.subquery()
    page = select(GroupLog).join(found, found.c.id == GroupLog.id).order_by(GroupLog.id)
    return Slice([(row.id, _attributes(row)) for row in await session.scalars(page)], total, query.page)


def _visible(reach: Reach) -> Any:
    """Entries of organizations that the caller administers, and of groups that the caller may read."""
    if not (reach.everything or reach.leads or reach.member_of):
        return administered(reach, GroupLog.organization_id)
    open_to = exists().where(Group.id == GroupLog.group_id, readable_groups(reach)).correlate(GroupLog)
    return or_(administered(reach, GroupLog.organization_id), open_to)


def _filters(query: LogQuery) -> list[Any]:
    found: list[Any] = []
    for individual in (query.filter_individual_id, query.individual_id):
        if individual is not None:
            found += [GroupLog.subject == "individual", GroupLog.person_id == individual]
    if query.individual_group_id is not None:
        found.append(GroupLog.group_id == query.individual_group_id)
    return found


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
