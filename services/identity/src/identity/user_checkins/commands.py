"""Taking in what an app reports."""

from chassis.principal import Principal
from chassis.runtime import Runtime
from contracts.identity import UserCheckedIn
from kernel import Forbidden, uuid7
from messaging import publish
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from identity.throttling.budgets import CHECKIN_USER
from identity.throttling.commands import demand
from identity.user_checkins.models import UserCheckin
from identity.user_checkins.schemas import NewCheckin

SWEEP = text("DELETE FROM user_checkins WHERE created_at < now() - interval '400 days'")


async def create(runtime: Runtime, session: AsyncSession, principal: Principal, asked: NewCheckin) -> UserCheckin:
    """Keep a report of the caller's own app. Raises Forbidden for whoever is no person, TooManyRequests."""
    if principal.user_id is None or principal.impersonator is not None:
        raise Forbidden("An app checks in for the person who uses it.")
    await demand(runtime, (CHECKIN_USER, str(principal.user_id)))
    row = UserCheckin(
        id=uuid7(),
        user_id=principal.user_id,
        source=asked.source,
        app_version=asked.app_version,
        model=asked.model,
        os_version=asked.os_version,
    )
    session.add(row)
    await session.flush()  # the check-in is there before it is announced
    await session.refresh(row)
    await publish(session, UserCheckedIn(checkin_id=row.id, user_id=row.user_id, source=asked.source))
    return row
