"""When the next person leaves a cohort, or comes in, without anything being changed.

An edge of a window changes somebody's place only when it reaches an event or date of theirs, so the next such moment
is one look at an index, and who is concerned is another: nothing is kept by person.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from artifacts.cohorts.calculations.known import Known
from artifacts.cohorts.filters.conditions import moment_of
from artifacts.cohorts.filters.moments import LATEST, Ago, midnight

NEXT_EVENTS = text("""
SELECT one.place, (SELECT min(e.timestamp) FROM events e
                    WHERE e.organization_id = :organization_id AND e.event = one.name
                      AND e.timestamp > one.since) AS next
  FROM unnest(CAST(:names AS text[]), CAST(:since AS timestamptz[])) WITH ORDINALITY AS one (name, since, place)
""")
NEXT_DATES = text("""
SELECT one.place, (SELECT min(d.moment) FROM person_dates d
                    WHERE d.organization_id = :organization_id AND d.key = one.name
                      AND d.moment > one.since) AS next
  FROM unnest(CAST(:names AS text[]), CAST(:since AS timestamptz[])) WITH ORDINALITY AS one (name, since, place)
""")
PLAN = text("""
UPDATE cohort_schedules s SET checked_at = one.checked_at, due_at = one.due_at
  FROM unnest(CAST(:cohorts AS uuid[]), CAST(:checked AS timestamptz[]), CAST(:due AS timestamptz[]))
       AS one (cohort_id, checked_at, due_at)
 WHERE s.cohort_id = one.cohort_id
   AND (s.checked_at, s.due_at) IS DISTINCT FROM (one.checked_at, one.due_at)
""")
KEEP_DATES = f"""
INSERT INTO person_dates AS known (person_id, key, organization_id, moment)
SELECT p.id, one.key, p.organization_id, {moment_of("(p.properties ->> one.key)")}
  FROM persons p CROSS JOIN unnest(CAST(:keys AS text[])) AS one (key)
 WHERE p.organization_id = :organization_id AND WHICH
   AND {moment_of("(p.properties ->> one.key)")} IS NOT NULL
 ORDER BY p.id, one.key
ON CONFLICT (person_id, key) DO UPDATE SET moment = excluded.moment WHERE known.moment <> excluded.moment
"""  # noqa: S608 the text is ours
KEEP_ALL_DATES = text(KEEP_DATES.replace("WHICH", "p.removed_at IS NULL"))
KEEP_THEIR_DATES = text(KEEP_DATES.replace("WHICH", "p.id = ANY(CAST(:persons AS uuid[]))"))
DROP_THEIR_DATES = text(f"""
DELETE FROM person_dates d USING persons p
 WHERE d.person_id = ANY(CAST(:persons AS uuid[])) AND d.key = ANY(CAST(:keys AS text[])) AND p.id = d.person_id
   AND {moment_of("(p.properties ->> d.key)")} IS NULL
""")  # noqa: S608

Slice = tuple[str, str, Ago]
"""A kind (`event` or `date`), a name and an edge."""


async def keep_dates(
    session: AsyncSession, organization_id: UUID, keys: Iterable[str], persons: Sequence[UUID] | None = None
) -> None:
    """Keep properties as moments, of some persons or of all."""
    values: dict[str, Any] = {"organization_id": organization_id, "keys": sorted(set(keys))}
    if not values["keys"]:
        return
    if persons is None:
        await session.execute(KEEP_ALL_DATES, values)
        return
    values["persons"] = sorted(set(persons))
    await session.execute(DROP_THEIR_DATES, values)
    await session.execute(KEEP_THEIR_DATES, values)


async def plan(session: AsyncSession, organization_id: UUID, cohorts: Mapping[UUID, tuple[Known, datetime]]) -> None:
    """Note when cohorts are due next; by cohort what is known of it and until when it has been looked at."""
    moving = {key: one for key, one in cohorts.items() if one[0].moves}
    due: dict[UUID, datetime | None] = dict.fromkeys(cohorts)
    for statement, kind in ((NEXT_EVENTS, "events"), (NEXT_DATES, "dates")):
        await _next(session, organization_id, statement, kind, moving, due)
    for key, (one, checked) in moving.items():
        if one.moves.daily:
            due[key] = _sooner(due[key], Ago(1, "day").after(midnight(checked)))
    if due:
        checked = [cohorts[key][1] for key in due]
        await session.execute(PLAN, {"cohorts": list(due), "checked": checked, "due": list(due.values())})


async def _next(
    session: AsyncSession,
    organization_id: UUID,
    statement: Any,
    kind: str,
    cohorts: Mapping[UUID, tuple[Known, datetime]],
    due: dict[UUID, datetime | None],
) -> None:
    asked: dict[tuple[str, datetime, Ago], list[UUID]] = {}
    for key, (one, checked) in cohorts.items():
        for name, edge in getattr(one.moves, kind):
            asked.setdefault((name, edge.before(checked), edge), []).append(key)
    if not asked:
        return
    names, since, edges = (list(column) for column in zip(*asked, strict=True))
    found = await session.execute(statement, {"organization_id": organization_id, "names": names, "since": since})
    concerned = list(asked.values())
    for row in found:
        if row.next is not None and (moment := edges[row.place - 1].after(row.next)) < LATEST:
            for key in concerned[row.place - 1]:
                due[key] = _sooner(due[key], moment)


def _sooner(one: datetime | None, other: datetime) -> datetime:
    return other if one is None else min(one, other)
