"""How much of a programme learners have completed, as SQL and as numbers.

A learner's percentage is what was recorded of the whole programme; without that, the share of its sessions and
assigned assessments that they have completed. A cohort's is the mean over everybody who is in it.
"""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import ColumnElement, Float, literal_column, text
from sqlalchemy.ext.asyncio import AsyncSession

LEARNERS = """
SELECT m.cohort_id, m.profile_id, c.member_count, coalesce(
         max(k.pct) FILTER (WHERE k.session IS NULL AND k.assessment_id IS NULL),
         100.0 * count(k.id) FILTER (WHERE k.session <= c.session_count
                                        OR k.assessment_id = ANY(c.assigned_assessment_ids))
               / nullif(coalesce(c.session_count, 0) + cardinality(c.assigned_assessment_ids), 0),
         0) AS pct
  FROM cohort_members m
  JOIN cohorts c ON c.id = m.cohort_id
  {join} cohort_completions k ON k.cohort_id = m.cohort_id AND k.profile_id = m.profile_id
 WHERE m.until IS NULL AND {within}
 GROUP BY m.cohort_id, m.profile_id, c.id
"""
"""Everybody's percentage in each cohort; with `JOIN` only of those of whom something is recorded."""
MEAN = f"""
SELECT round(CAST(sum(learner.pct) / max(learner.member_count) AS numeric), 2)
  FROM ({LEARNERS.format(join="JOIN", within="m.cohort_id = {cohort}")}) learner
"""  # noqa: S608 the text is ours
OF_COHORTS = text(f"""
SELECT c.id, CASE WHEN c.member_count > 0 THEN coalesce(({MEAN.format(cohort="c.id")}), 0) END AS pct
  FROM cohorts c WHERE c.id = ANY(CAST(:cohorts AS uuid[]))
""")  # noqa: S608


def percentage() -> ColumnElement[float]:
    """A cohort's percentage in a statement of cohorts; NULL without learners."""
    mean = MEAN.format(cohort="cohorts.id")
    return literal_column(f"(CASE WHEN cohorts.member_count > 0 THEN coalesce(({mean}), 0) END)", Float)


async def percentages(session: AsyncSession, cohorts: Collection[UUID]) -> dict[UUID, float | None]:
    """The percentage of each of some cohorts, by one statement."""
    if not cohorts:
        return {}
    rows = await session.execute(OF_COHORTS, {"cohorts": list(cohorts)})
    return {row.id: None if row.pct is None else float(row.pct) for row in rows}
