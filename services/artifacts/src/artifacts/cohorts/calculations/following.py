"""Membership that follows the data: what changed concerns the cohorts that mention it, and the persons it happened to.

Changes, and moments at which something is due, become pairs of cohorts and persons. They are judged together, all
cohorts of the same persons in one statement, then those cohorts that name one of which somebody came or went, and so
on. A cohort that is held by a whole calculation has its persons judged after that; one that waits to be calculated
needs no judging, for the calculation will see what is there now.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import structlog
from chassis.runtime import Runtime
from prometheus_client import Counter
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from artifacts.cohorts import members
from artifacts.cohorts.calculations import changes, known, planning, telling
from artifacts.cohorts.calculations.commands import REQUEST
from artifacts.cohorts.calculations.known import Key, Known

MOST_CHANGES = 2000
MOST_COHORTS, MOST_PAIRS = 500, 200_000
"""In one statement."""
NOW = text("SELECT clock_timestamp()")
ONE_PLAN = text("SELECT set_config('plan_cache_mode', 'force_generic_plan', true)")
"""A statement about many cohorts has the same plan whatever their values are, and planning takes longer than it."""
TAKE = text(f"""
DELETE FROM cohort_changes WHERE id IN (
    SELECT x.id FROM cohort_changes x
     WHERE x.cohort_id IS NULL
        OR NOT EXISTS (SELECT 1 FROM cohorts c WHERE c.id = x.cohort_id AND c.lease_until > clock_timestamp())
     ORDER BY x.id LIMIT {MOST_CHANGES} FOR UPDATE OF x SKIP LOCKED)
RETURNING organization_id, person_id, kind, name, cohort_id
""")  # noqa: S608 the text is ours
CONCERNED = text("""
WITH given AS (
    SELECT * FROM unnest(CAST(:persons AS uuid[]), CAST(:kinds AS text[]), CAST(:names AS text[]),
                         CAST(:cohorts AS uuid[])) AS one (person_id, kind, name, cohort_id)
)
SELECT found.cohort_id, array_agg(DISTINCT found.person_id) AS persons
  FROM (SELECT m.cohort_id, g.person_id FROM given g
          JOIN cohort_mentions m ON m.organization_id = :organization_id AND m.kind = g.kind AND m.name = g.name
         WHERE g.cohort_id IS NULL
        UNION ALL
        SELECT g.cohort_id, g.person_id FROM given g WHERE g.cohort_id IS NOT NULL) found
 GROUP BY found.cohort_id
""")
HOLD = text("""
SELECT s.cohort_id, c.pending_version AS version, s.checked_at,
       c.pending_version IS DISTINCT FROM c.calculated_version AS waits
  FROM cohort_schedules s JOIN cohorts c ON c.id = s.cohort_id
 WHERE s.cohort_id = ANY(CAST(:cohorts AS uuid[])) AND NOT c.is_static AND c.deleted_at IS NULL
 ORDER BY s.cohort_id FOR UPDATE OF s SKIP LOCKED
""")
LATER = text("""
INSERT INTO cohort_changes (organization_id, person_id, kind, name, cohort_id)
SELECT c.organization_id, one.person_id, 'cohort', '', c.id
  FROM unnest(CAST(:cohorts AS uuid[]), CAST(:persons AS uuid[])) AS one (cohort_id, person_id)
  JOIN cohorts c ON c.id = one.cohort_id AND NOT c.is_static AND c.deleted_at IS NULL
""")

LOST_RACES = frozenset({"40P01", "40001", "23503"})
"""Another transaction went first, or a person was erased meanwhile: once more."""
log = structlog.get_logger("artifacts.calculations")
moves = Counter("muster_artifacts_followed_moves", "Entries and exits that followed a change or the clock")

Affected = dict[UUID, set[UUID]]
"""Persons by cohort."""


async def follow_once(runtime: Runtime, now: datetime | None = None) -> bool:
    """Follow what changed last. False where nothing did, or only what somebody else still holds."""
    async with runtime.sessions.begin() as session:
        await session.execute(ONE_PLAN)
        rows = list(await session.execute(TAKE))
        organizations: dict[UUID, list[Any]] = {}
        for row in rows:
            organizations.setdefault(row.organization_id, []).append(row)
        for organization_id in sorted(organizations):
            affected = await _concerned(session, organization_id, organizations[organization_id])
            at = now or (await session.execute(NOW)).scalar_one()
            await judge(session, organization_id, affected, at)
    return any(row.cohort_id is None for row in rows)


async def judge(session: AsyncSession, organization_id: UUID, affected: Affected, now: datetime) -> None:
    """Judge persons anew for cohorts, and for those that depend on the outcome. `now` is when they come and go."""
    while affected:
        held = {row.cohort_id: row for row in await session.execute(HOLD, {"cohorts": sorted(affected)})}
        await _postpone(session, {key: persons for key, persons in affected.items() if key not in held})
        keys: dict[UUID, Key] = {key: (key, row.version) for key, row in held.items() if not row.waits}
        cohorts = await known.known(session, list(keys.values()))
        chosen = {key: cohorts[both] for key, both in keys.items() if both in cohorts}
        await _keep_dates(session, organization_id, chosen, affected)
        moved = await _judged(session, organization_id, chosen, keys, affected, now)
        moves.inc(len(moved))
        await telling.tell_moved(session, organization_id, moved, now)
        plans = {key: (one, held[key].checked_at or now) for key, one in chosen.items() if one.moves}
        await planning.plan(session, organization_id, plans)
        dependants = [(person_id, "cohort", str(cohort_id), None) for cohort_id, person_id, _ in moved]
        affected = await _of_rows(session, organization_id, dependants)


async def _concerned(session: AsyncSession, organization_id: UUID, rows: Sequence[Any]) -> Affected:
    given = [(row.person_id, row.kind, row.name, row.cohort_id) for row in rows]
    return await _of_rows(session, organization_id, list(dict.fromkeys(given)))


async def _of_rows(session: AsyncSession, organization_id: UUID, rows: Sequence[tuple[Any, ...]]) -> Affected:
    if not rows:
        return {}
    persons, kinds, names, cohorts = (list(column) for column in zip(*rows, strict=True))
    values = {"persons": persons, "kinds": kinds, "names": names, "cohorts": cohorts}
    found = await session.execute(CONCERNED, {"organization_id": organization_id, **values})
    return {row.cohort_id: set(row.persons) for row in found}


async def _postpone(session: AsyncSession, affected: Mapping[UUID, set[UUID]]) -> None:
    """Judge them when whoever holds the cohort has let it go."""
    pairs = [(cohort_id, person_id) for cohort_id, persons in affected.items() for person_id in persons]
    if pairs:
        cohorts, persons = (list(column) for column in zip(*pairs, strict=True))
        await session.execute(LATER, {"cohorts": cohorts, "persons": persons})


async def _keep_dates(
    session: AsyncSession, organization_id: UUID, cohorts: Mapping[UUID, Known], affected: Affected
) -> None:
    dated = [key for key, one in cohorts.items() if one.date_keys]
    keys = {name for key in dated for name in cohorts[key].date_keys}
    persons = {person_id for key in dated for person_id in affected[key]}
    await planning.keep_dates(session, organization_id, keys, sorted(persons))


async def _judged(
    session: AsyncSession,
    organization_id: UUID,
    cohorts: Mapping[UUID, Known],
    keys: Mapping[UUID, Key],
    affected: Affected,
    now: datetime,
) -> list[tuple[UUID, UUID, bool]]:
    """Who moved. Cohorts that concern the same persons are judged together."""
    together: dict[frozenset[UUID], list[UUID]] = {}
    for key in sorted(cohorts):
        together.setdefault(frozenset(affected[key]), []).append(key)
    moved: list[tuple[UUID, UUID, bool]] = []
    for persons, several in together.items():
        for chosen in _parts(several, MOST_COHORTS):
            statement = known.statement(
                organization_id, [keys[key] for key in chosen], [cohorts[key] for key in chosen]
            )
            try:
                async with session.begin_nested():
                    for some in _parts(sorted(persons), max(1, MOST_PAIRS // len(chosen))):
                        moved += await members.move(session, statement, some, now)
            except DBAPIError as error:
                if error.connection_invalidated or getattr(error.orig, "sqlstate", "") in LOST_RACES:
                    raise
                await calculate_whole(session, organization_id, chosen)
    return moved


async def calculate_whole(session: AsyncSession, organization_id: UUID, cohorts: Sequence[UUID]) -> None:
    """Ask for whole calculations, each of which fails alone and says why, where people cannot be judged one by one."""
    log.warning("cohorts are calculated as a whole", cohorts=len(cohorts))
    for cohort_id in cohorts:
        await session.execute(REQUEST, {"organization_id": organization_id, "cohort_id": cohort_id})
    changes.wake(session)


def _parts(several: Sequence[UUID], most: int) -> list[Sequence[UUID]]:
    return [several[begin : begin + most] for begin in range(0, len(several), most)]
