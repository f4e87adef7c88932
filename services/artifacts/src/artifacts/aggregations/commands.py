"""In how many cohorts individuals are and how much of them they completed, when orgs asks for it."""

from contracts.artifacts import CohortsReported
from contracts.orgs import AggregationRequested
from messaging import publish
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from artifacts.cohorts.learning.completed import LEARNERS

COHORTS = text(f"""
SELECT one.id, count(DISTINCT alive.id) AS cohorts, avg(learner.pct) / 100 AS completed
FROM unnest(CAST(:individuals AS uuid[]), CAST(:users AS uuid[])) AS one(id, user_id)
LEFT JOIN profiles p ON (p.individual_id = one.id OR p.user_id = one.user_id) AND p.removed_at IS NULL
LEFT JOIN cohort_members present ON present.profile_id = p.id AND present.until IS NULL
LEFT JOIN cohorts alive ON alive.id = present.cohort_id AND alive.deleted_at IS NULL
LEFT JOIN LATERAL (
  {LEARNERS.format(join="LEFT JOIN", within="m.cohort_id = alive.id AND m.profile_id = p.id")}) learner ON true
GROUP BY one.id
""")  # noqa: S608 the text is ours


async def report(session: AsyncSession, event: AggregationRequested) -> None:
    """Report a number for each individual; of the column that identity owns nothing is said.

    The completion is the mean over the cohorts that somebody is in, and None for who is in none.
    """
    if event.column == "last-login":
        return
    asked = {"individuals": list(event.individual_ids), "users": list(event.user_ids)}
    found = {row.id: row for row in await session.execute(COHORTS, asked)}
    if event.column == "cohort-count":
        values = tuple(float(found[one].cohorts) for one in event.individual_ids)
    else:
        shares = (found[one].completed for one in event.individual_ids)
        values = tuple(None if share is None else round(float(share), 4) for share in shares)
    reported = CohortsReported(
        request_id=event.request_id, column=event.column, individual_ids=event.individual_ids, values=values
    )
    await publish(session, reported)
