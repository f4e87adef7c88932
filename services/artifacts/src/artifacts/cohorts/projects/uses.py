"""What needs a cohort."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from artifacts.cohorts.projects.schemas import UsedBy, UsedIn, Uses
from artifacts.cohorts.using import users

MOST = 100


async def used_in(session: AsyncSession, organization_id: UUID, cohort_id: UUID) -> UsedIn:
    """The cohorts whose filters name a cohort; of what the platform has nothing like, nothing."""
    found = (await users(session, organization_id, [cohort_id]))[cohort_id]
    cohorts = Uses([UsedBy(one.number, one.name) for one in found[:MOST]], len(found), len(found) > MOST)
    return UsedIn(feature_flags=Uses([], 0, has_more=False), insights=Uses([], 0, has_more=False), cohorts=cohorts)
