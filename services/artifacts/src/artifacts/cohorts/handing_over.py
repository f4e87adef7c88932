"""When two persons turn out to be one, their time in cohorts becomes that of one."""

from collections import defaultdict
from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from artifacts.cohorts.commands.leave import drop_from

PAIRS = "unnest(CAST(:sources AS uuid[]), CAST(:targets AS uuid[])) AS pair (source, target)"
PRESENT = text(f"""
SELECT m.cohort_id, pair.source, pair.target,
       EXISTS (SELECT 1 FROM cohort_members own
                WHERE own.cohort_id = m.cohort_id AND own.profile_id = pair.target AND own.until IS NULL) AS twice
  FROM cohort_members m JOIN {PAIRS} ON m.profile_id = pair.source
 WHERE m.until IS NULL
 ORDER BY m.id
""")  # noqa: S608 the text is ours
COUNTED = text(f"""
INSERT INTO profile_cohorts AS known (profile_id, organization_id, times)
SELECT pair.target, c.organization_id, count(*)
  FROM cohort_members m JOIN {PAIRS} ON m.profile_id = pair.source
  JOIN cohorts c ON c.id = m.cohort_id AND c.deleted_at IS NULL
 WHERE m.until IS NULL
 GROUP BY pair.target, c.organization_id ORDER BY pair.target
ON CONFLICT (profile_id) DO UPDATE SET times = known.times + excluded.times
""")  # noqa: S608
MOVE = text(f"UPDATE cohort_members m SET profile_id = pair.target FROM {PAIRS} WHERE m.profile_id = pair.source")  # noqa: S608
COMPLETIONS = text(f"""
UPDATE cohort_completions c SET profile_id = moved.target
  FROM (SELECT DISTINCT ON (pair.target, own.cohort_id, own.session, own.assessment_id) own.id, pair.target
          FROM cohort_completions own JOIN {PAIRS} ON own.profile_id = pair.source
         WHERE NOT EXISTS (SELECT 1 FROM cohort_completions other
                            WHERE other.profile_id = pair.target AND other.cohort_id = own.cohort_id
                              AND other.session IS NOT DISTINCT FROM own.session
                              AND other.assessment_id IS NOT DISTINCT FROM own.assessment_id)
         ORDER BY pair.target, own.cohort_id, own.session, own.assessment_id, own.id) moved
 WHERE c.id = moved.id
""")  # noqa: S608
"""What both have recorded stays the target's."""


async def hand_over(session: AsyncSession, organization_id: UUID, merged: Mapping[UUID, UUID]) -> None:
    """Give the memberships and completions of persons (the keys) to others, past ones too.

    Who was in a cohort as either stays in it.
    Where a filter decides, the next calculation may see it otherwise. How often the persons themselves were counted
    (`profile_cohorts`) goes with their rows.
    """
    values = {"sources": list(merged), "targets": list(merged.values())}
    present = (await session.execute(PRESENT, values)).all()
    if present:
        taken: set[tuple[UUID, UUID]] = set()
        twice: dict[UUID, list[UUID]] = defaultdict(list)
        for cohort_id, source, target, is_in in present:
            if is_in or (cohort_id, target) in taken:
                twice[source].append(cohort_id)
            taken.add((cohort_id, target))
        for source, cohorts in twice.items():
            await drop_from(session, organization_id, source, cohorts)
        await session.execute(COUNTED, values)
    await session.execute(MOVE, values)
    await session.execute(COMPLETIONS, values)
