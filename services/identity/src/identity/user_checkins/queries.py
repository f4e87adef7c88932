"""Reading check-ins. Whoever sees a user sees their check-ins."""

from typing import Any

from chassis.principal import Principal
from database import page_of
from kernel import Slice
from sqlalchemy import or_, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncSession

from identity.user_checkins.models import UserCheckin
from identity.user_checkins.schemas import UserCheckinAttributes, UserCheckinsQuery
from identity.users.models import User, UserOrganization
from identity.users.visibility import visible


async def list_(session: AsyncSession, principal: Principal, asked: UserCheckinsQuery) -> Slice[Any]:
    """One page, the newest first. An individual who is unknown, not visible or has no user has no check-ins."""
    owned = select(UserOrganization.user_id).where(UserOrganization.individual_id == asked.individual_id)
    known = select(User.id).where(
        or_(User.primary_individual_id == asked.individual_id, User.id.in_(owned)), visible(principal)
    )
    statement = select(UserCheckin).where(UserCheckin.user_id.in_(known))
    if asked.source is not None:
        statement = statement.where(UserCheckin.source == asked.source)
    if asked.summary:
        newest = (
            statement.with_only_columns(UserCheckin.id)
            .ext(distinct_on(UserCheckin.source))
            .order_by(UserCheckin.source, UserCheckin.id.desc())
        )
        statement = select(UserCheckin).where(UserCheckin.id.in_(newest))
    return await page_of(session, statement.order_by(UserCheckin.id.desc()), asked.page)


def attributes(row: UserCheckin) -> UserCheckinAttributes:
    """A check-in's attributes."""
    return UserCheckinAttributes(row.user_id, row.source, row.app_version, row.model, row.os_version, row.created_at)
