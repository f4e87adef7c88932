"""Reading what users did. Whoever sees a user sees what they did."""

from typing import Any
from uuid import UUID

from chassis.principal import Principal
from database import page_of
from jsonapi import comparators
from kernel import NotFound, Slice
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from identity.user_activities.models import UserActivity
from identity.user_activities.schemas import UserActivitiesQuery, UserActivityAttributes
from identity.users import queries as users
from identity.users.models import User
from identity.users.visibility import visible

STAFF = "carium"
COMPARE: dict[str, Any] = {
    "<": UserActivity.at.__lt__,
    "<=": UserActivity.at.__le__,
    ">": UserActivity.at.__gt__,
    ">=": UserActivity.at.__ge__,
}


async def list_(session: AsyncSession, principal: Principal, asked: UserActivitiesQuery) -> Slice[Any]:
    """One page, the newest first. Raises NotFound for a user whom the caller does not see."""
    columns = (
        UserActivity.id,
        UserActivity.user_id,
        UserActivity.event_type,
        UserActivity.at,
        (User.classification == STAFF).label("staff"),
    )
    statement = select(*columns).join(User, User.id == UserActivity.user_id).where(visible(principal))
    if asked.user_id is not None:
        await _check_user(session, principal, asked.user_id)
        statement = statement.where(UserActivity.user_id == asked.user_id)
    if asked.exclude_staff:
        statement = statement.where(User.classification != STAFF)
    if asked.event_types is not None:
        statement = statement.where(UserActivity.event_type.in_(asked.event_types))
    for sign, time in comparators(asked.timestamp, "filter[cmp-timestamp]"):
        statement = statement.where(COMPARE[sign](time))
    statement = statement.order_by(UserActivity.at.desc(), UserActivity.id.desc())
    return await page_of(session, statement, asked.page)


def attributes(row: Any) -> UserActivityAttributes:
    """An activity's attributes."""
    return UserActivityAttributes(row.user_id, row.event_type, row.at, row.staff)


async def _check_user(session: AsyncSession, principal: Principal, user_id: UUID) -> None:
    try:
        await users.read(session, principal, user_id)
    except NotFound:
        raise NotFound(parameter="filter[user-id]") from None
