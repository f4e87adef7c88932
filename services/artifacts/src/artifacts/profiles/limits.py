"""How many requests a profile may make on a day of its time zone."""

from datetime import datetime, time, timedelta
from math import ceil
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from kernel import TooManyRequests, now
from prometheus_client import Counter
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

UNKEYED = UUID("018f0000-0000-7000-8000-0000b0000000")
"""The id of "no limit"; a limit's id is this with the number added to it, the same in every organization."""
MOST = 10_000_000
USUAL = (50, 100, 250, 500, 1000, 5000)
"""What a form offers beside what a profile has."""

COUNT = text("""
INSERT INTO profile_requests AS known (profile_id, day, times) VALUES (:profile_id, :day, 1)
ON CONFLICT (profile_id, day) DO UPDATE SET times = known.times + 1 WHERE known.times < :most
RETURNING times
""")
SWEEP = text("DELETE FROM profile_requests WHERE day < CURRENT_DATE - 3")

over_limit = Counter("muster_artifacts_requests_over_limit", "Requests that were refused: a profile used up its day")


def limit_id(requests_per_day: int | None) -> UUID:
    """The id of a limit."""
    return UUID(int=UNKEYED.int + (requests_per_day or 0))


def is_limit(identifier: UUID) -> bool:
    """Whether an id is one of a limit."""
    return 0 <= identifier.int - UNKEYED.int <= MOST


def limit_of(identifier: UUID) -> int | None:
    """The requests a day that an id stands for; None is no limit."""
    return (identifier.int - UNKEYED.int) or None


async def count(
    session: AsyncSession, profile_id: UUID, most: int, timezone: str | None, at: datetime | None = None
) -> None:
    """Count a request. What is refused later in its transaction does not count.

    Raises TooManyRequests until the day ends in the time zone.
    """
    moment = (at or now()).astimezone(_zone(timezone))
    values = {"profile_id": profile_id, "day": moment.date(), "most": most}
    if (await session.execute(COUNT, values)).first() is None:
        over_limit.inc()
        end = datetime.combine(moment.date() + timedelta(days=1), time.min, moment.tzinfo)
        raise TooManyRequests(
            f"The profile may make {most} requests a day.",
            retry_after=max(1, ceil(end.timestamp() - moment.timestamp())),
            code="request-limit",
        )


def _zone(name: str | None) -> ZoneInfo:
    try:
        return ZoneInfo(name or "UTC")
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")
