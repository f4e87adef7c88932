"""What the clock changes: windows that run out, periods that end."""

from datetime import datetime
from typing import Any
from uuid import UUID

from chassis.runtime import Runtime
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from artifacts.cohorts.calculations import planning
from artifacts.cohorts.calculations.following import ONE_PLAN, Affected, calculate_whole, judge
from artifacts.cohorts.calculations.known import Key, Known, known
from artifacts.cohorts.filters.moments import midnight

MOST_DUE = 500
MOST_PERSONS = 10_000
"""More are found faster by a whole calculation."""
TAKE = text(f"""
SELECT s.cohort_id, s.organization_id, s.checked_at, c.pending_version AS version,
       c.is_static OR c.deleted_at IS NOT NULL OR c.pending_version IS DISTINCT FROM c.calculated_version AS waits
  FROM cohort_schedules s JOIN cohorts c ON c.id = s.cohort_id
 WHERE s.due_at <= :now ORDER BY s.due_at LIMIT {MOST_DUE} FOR UPDATE OF s SKIP LOCKED
""")  # noqa: S608 the text is ours
NEVER = text("UPDATE cohort_schedules SET due_at = NULL WHERE cohort_id = ANY(CAST(:cohorts AS uuid[]))")
"""A whole calculation will plan them anew."""
PASSED_EVENTS = text(f"""
SELECT one.place, ARRAY(SELECT e.person_id FROM events e
                         WHERE e.organization_id = :organization_id AND e.event = one.name
                           AND e.timestamp BETWEEN one.since AND one.until LIMIT {MOST_PERSONS + 1}) AS persons
  FROM unnest(CAST(:names AS text[]), CAST(:since AS timestamptz[]), CAST(:until AS timestamptz[]))
       WITH ORDINALITY AS one (name, since, until, place)
""")  # noqa: S608
PASSED_DATES = text(f"""
SELECT one.place, ARRAY(SELECT d.person_id FROM person_dates d
                         WHERE d.organization_id = :organization_id AND d.key = one.name
                           AND d.moment BETWEEN one.since AND one.until LIMIT {MOST_PERSONS + 1}) AS persons
  FROM unnest(CAST(:names AS text[]), CAST(:since AS timestamptz[]), CAST(:until AS timestamptz[]))
       WITH ORDINALITY AS one (name, since, until, place)
""")  # noqa: S608


async def due_once(runtime: Runtime, now: datetime | None = None) -> bool:
    """Judge those whom the clock concerns until now. False where nothing was due."""
    async with runtime.sessions.begin() as session:
        await session.execute(ONE_PLAN)
        at = now or (await session.execute(text("SELECT clock_timestamp()"))).scalar_one()
        rows = list(await session.execute(TAKE, {"now": at}))
        organizations: dict[UUID, list[Any]] = {}
        for row in rows:
            organizations.setdefault(row.organization_id, []).append(row)
        for organization_id in sorted(organizations):
            await _pass(session, organization_id, organizations[organization_id], at)
    return bool(rows)


async def _pass(session: AsyncSession, organization_id: UUID, rows: list[Any], now: datetime) -> None:
    """Let time pass for cohorts of one organization."""
    checked = {row.cohort_id: row.checked_at or now for row in rows}
    keys: dict[UUID, Key] = {row.cohort_id: (row.cohort_id, row.version) for row in rows if not row.waits}
    read = await known(session, list(keys.values()))
    cohorts = {key: read[both] for key, both in keys.items() if both in read}
    await session.execute(NEVER, {"cohorts": [key for key in checked if key not in cohorts]})
    whole = {key for key, one in cohorts.items() if one.moves.daily and midnight(now) > checked[key]}
    affected: Affected = {}
    for statement, kind in ((PASSED_EVENTS, "events"), (PASSED_DATES, "dates")):
        await _passed(session, organization_id, statement, kind, cohorts, checked, now, affected)
    whole |= {key for key, persons in affected.items() if len(persons) > MOST_PERSONS}
    if whole:
        await calculate_whole(session, organization_id, sorted(whole))
    await session.execute(NEVER, {"cohorts": sorted(whole)})
    await planning.plan(session, organization_id, {key: (one, now) for key, one in cohorts.items() if key not in whole})
    await judge(session, organization_id, {key: some for key, some in affected.items() if key not in whole}, now)


async def _passed(
    session: AsyncSession,
    organization_id: UUID,
    statement: Any,
    kind: str,
    cohorts: dict[UUID, Known],
    checked: dict[UUID, datetime],
    now: datetime,
    affected: Affected,
) -> None:
    """Add the persons whose events or dates an edge has passed since the cohorts were looked at."""
    asked: dict[tuple[str, datetime, datetime], list[UUID]] = {}
    for key, one in cohorts.items():
        for name, edge in getattr(one.moves, kind):
            asked.setdefault((name, edge.before(checked[key]), edge.before(now)), []).append(key)
    if not asked:
        return
    names, since, until = (list(column) for column in zip(*asked, strict=True))
    values = {"organization_id": organization_id, "names": names, "since": since, "until": until}
    concerned = list(asked.values())
    for row in await session.execute(statement, values):
        for key in concerned[row.place - 1] if row.persons else ():
            affected.setdefault(key, set()).update(row.persons)
