"""Computing again what is derived from other rows."""

from contracts.artifacts import CohortUpdated
from messaging import publish_many
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from artifacts.actors import Actor
from artifacts.cohorts import rules
from artifacts.cohorts.models import Cohort
from artifacts.organizations.commands import hold
from artifacts.profiles.commands import place_all

VIEWS = ("cohort_member_counts", "profile_cohort_counts", "profile_departments")
COUNT = text("""
UPDATE cohorts c SET member_count = counted.times, version = c.version + 1, updated_at = clock_timestamp()
  FROM (SELECT one.id, count(m.id) AS times
          FROM cohorts one LEFT JOIN cohort_members m ON m.cohort_id = one.id AND m.until IS NULL
         WHERE one.organization_id = :organization_id AND one.deleted_at IS NULL
         GROUP BY one.id) counted
 WHERE c.id = counted.id AND c.member_count <> counted.times
RETURNING c.id
""")
STILL = text("SELECT last FROM counters WHERE organization_id = :organization_id AND kind = 'cohort' FOR UPDATE")
"""Nobody makes a cohort meanwhile."""
COUNT_PEOPLE = text("""
WITH found AS (
    SELECT m.profile_id, count(*) AS times
      FROM cohorts c JOIN cohort_members m ON m.cohort_id = c.id AND m.until IS NULL
     WHERE c.organization_id = :organization_id AND c.deleted_at IS NULL
     GROUP BY m.profile_id
), gone AS (
    DELETE FROM profile_cohorts
     WHERE organization_id = :organization_id AND profile_id NOT IN (SELECT profile_id FROM found)
)
INSERT INTO profile_cohorts AS known (profile_id, organization_id, times)
SELECT profile_id, CAST(:organization_id AS uuid), times FROM found ORDER BY profile_id
ON CONFLICT (profile_id) DO UPDATE SET times = excluded.times WHERE known.times <> excluded.times
""")


async def refresh(session: AsyncSession, actor: Actor) -> list[str]:
    """Compute again how many members cohorts have, how many cohorts and which departments profiles are in.

    Returns what was computed.

    Whatever was wrong is announced. Raises Forbidden.
    """
    rules.demand(actor, "edit")
    organization = {"organization_id": actor.organization_id}
    within = (Cohort.organization_id == actor.organization_id, Cohort.deleted_at.is_(None))
    await session.execute(STILL, organization)
    await session.execute(select(Cohort.id).where(*within).order_by(Cohort.id).with_for_update())
    wrong = sorted(await session.scalars(COUNT, organization))
    await publish_many(session, [CohortUpdated(cohort_id=one, organization_id=actor.organization_id) for one in wrong])
    await session.execute(COUNT_PEOPLE, organization)
    await hold(session, actor.organization_id)
    await place_all(session, actor.organization_id)
    return list(VIEWS)
