"""What became of the invitations by which users came."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import case, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from identity.onboarding_requests.models import OnboardingRequest
from identity.users.models import User

NONE = "none"
STATES = {"claimed": "accepted", "failed": "failed", "canceled": "failed"}
"""A request's status as users show it; an open one was `sent`."""

_OF_USER = or_(OnboardingRequest.user_id == User.id, OnboardingRequest.claimed_by == User.id)


def state(status: str | None) -> str:
    """What users show of the newest request's status."""
    return NONE if status is None else STATES.get(status, "sent")


def in_states(wanted: Sequence[str]) -> Any:
    """Users whose newest invitation is in one of these states."""
    shown = case(STATES, value=OnboardingRequest.status, else_="sent")
    newest = select(shown).where(_OF_USER).order_by(OnboardingRequest.id.desc()).limit(1).scalar_subquery()
    known = newest.in_([name for name in wanted if name != NONE])
    return or_(known, newest.is_(None)) if NONE in wanted else known


async def of(session: AsyncSession, ids: Sequence[UUID]) -> dict[UUID, list[OnboardingRequest]]:
    """The invitations of each of some users, the newest last."""
    mine = or_(OnboardingRequest.user_id.in_(ids), OnboardingRequest.claimed_by.in_(ids))
    found: dict[UUID, list[OnboardingRequest]] = defaultdict(list)
    for row in await session.scalars(select(OnboardingRequest).where(mine).order_by(OnboardingRequest.id)):
        for user_id in {row.user_id, row.claimed_by}:
            if user_id is not None:
                found[user_id].append(row)
    return found
