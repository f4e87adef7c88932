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


async def list_(
    session: AsyncSession, principal: Principal, asked: UserActivitiesQuery
) -> tuple[Slice[UserActivity], set[UUID]]:
    """One page, the newest first, and who of these users is the operator's staff.

    Raises NotFound for a user whom the caller does not see.
    """
    statement = select(UserActivity).join(User, User.id == UserActivity.user_id).where(visible(principal))
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
    found = await page_of(session, statement, asked.page)
    ids = {row.user_id for row in found.rows}
    staff = select(User.id).where(User.id.in_(ids), User.classification == STAFF)
    return found, set(await session.scalars(staff))


def attributes(row: UserActivity, staff: set[UUID]) -> UserActivityAttributes:
    """An activity's attributes."""
    return UserActivityAttributes(row.user_id, row.event_type, row.at, row.user_id in staff)


async def _check_user(session: AsyncSession, principal: Principal, user_id: UUID) -> None:
    try:
        await users.read(session, principal, user_id)
    except NotFound:
        raise NotFound(parameter="filter[user-id]") from None
