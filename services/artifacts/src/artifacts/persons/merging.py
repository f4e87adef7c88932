"""Two persons turn out to be one: what belonged to the one is the other's."""

from collections import defaultdict
from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

import artifacts.cohorts.commands as cohorts

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
MOVES = (
    text(f"""
UPDATE person_distinct_ids d SET person_id = pair.target FROM {PAIRS}
 WHERE d.organization_id = :organization_id AND d.person_id = pair.source
"""),  # noqa: S608
    text(f"""
UPDATE events e SET person_id = pair.target FROM {PAIRS}
 WHERE e.person_id = pair.source AND e.organization_id = :organization_id
"""),  # noqa: S608
    text(f"UPDATE cohort_members m SET profile_id = pair.target FROM {PAIRS} WHERE m.profile_id = pair.source"),  # noqa: S608
    text("DELETE FROM persons WHERE organization_id = :organization_id AND id = ANY(CAST(:sources AS uuid[]))"),
)
HOLD = text("SELECT pg_advisory_xact_lock(hashtextextended(:held, 3))")
SHARE = text("SELECT pg_advisory_xact_lock_shared(hashtextextended(:held, 3))")


async def hold(session: AsyncSession, organization_id: UUID, *, alone: bool) -> None:
    """Until the transaction ends nobody merges persons of the organization meanwhile; `alone` also keeps out events."""
    await session.execute(HOLD if alone else SHARE, {"held": str(organization_id)})


async def merge(session: AsyncSession, organization_id: UUID, merged: Mapping[UUID, UUID]) -> None:
    """Give distinct ids, events and memberships of some persons (the keys) to others. The organization must be held.

    Who was in a cohort as either stays in it; where a filter decides, the next calculation may see it otherwise.
    """
    values = {"organization_id": organization_id, "sources": list(merged), "targets": list(merged.values())}
    present = (await session.execute(PRESENT, values)).all()
    if present:
        taken: set[tuple[UUID, UUID]] = set()
        twice: dict[UUID, list[UUID]] = defaultdict(list)
        for cohort_id, source, target, is_in in present:
            if is_in or (cohort_id, target) in taken:
                twice[source].append(cohort_id)
            taken.add((cohort_id, target))
        for source, ids in twice.items():
            await cohorts.drop_from(session, organization_id, source, ids)
        await session.execute(COUNTED, values)
    for statement in MOVES:
        await session.execute(statement, values)
