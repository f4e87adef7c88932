"""In how many cohorts individuals are and how much of them they completed, when orgs asks for it."""

from contracts.artifacts import CohortsReported
from contracts.orgs import AggregationRequested
from messaging import publish
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

COHORTS = text("""
SELECT one.id, count(DISTINCT c.id) AS cohorts
FROM unnest(CAST(:individuals AS uuid[]), CAST(:users AS uuid[])) AS one(id, user_id)
LEFT JOIN profiles p ON (p.individual_id = one.id OR p.user_id = one.user_id) AND p.removed_at IS NULL
LEFT JOIN cohort_members m ON m.profile_id = p.id AND m.until IS NULL
LEFT JOIN cohorts c ON c.id = m.cohort_id AND c.deleted_at IS NULL
GROUP BY one.id
""")


async def report(session: AsyncSession, event: AggregationRequested) -> None:
    """Report a number for each individual; of the column that identity owns nothing is said.

    The completion is 0 for who is in a cohort, since none is recorded, and None for who is in none.
    """
    if event.column == "last-login":
        return
    asked = {"individuals": list(event.individual_ids), "users": list(event.user_ids)}
    counts = {row.id: row.cohorts for row in await session.execute(COHORTS, asked)}
    if event.column == "cohort-count":
        values = tuple(float(counts[one]) for one in event.individual_ids)
    else:
        values = tuple(0.0 if counts[one] else None for one in event.individual_ids)
    reported = CohortsReported(
        request_id=event.request_id, column=event.column, individual_ids=event.individual_ids, values=values
    )
    await publish(session, reported)
