"""Noting what users do. Sign-ins and sessions that go on are noted by the statements that write them."""

from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from identity.user_activities.models import UserActivity

SIGNED_UP = "sreg"
SWEEP = text("DELETE FROM user_activities WHERE at < now() - interval '400 days'")


def note_sign_up(session: AsyncSession, user_id: UUID) -> None:
    """A user confirmed their sign-up."""
    session.add(UserActivity(user_id=user_id, event_type=SIGNED_UP))
