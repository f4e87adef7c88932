"""Who is in a cohort, since when, until when, and how they came into it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import msgspec
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from artifacts.cohorts.filters.judging import PERSONS
from artifacts.cohorts.filters.values import NOW, Statement, Values

Source = Literal["hand", "csv", "filter", "event"]

COUNT = """
counted AS (
    INSERT INTO profile_cohorts AS known (profile_id, organization_id, times)
    SELECT profile_id, CAST(:organization_id AS uuid), {sign} count(*)
      FROM {moved} GROUP BY profile_id ORDER BY profile_id
    ON CONFLICT (profile_id) DO UPDATE SET times = known.times + excluded.times
)"""
ENTER = text(f"""
WITH entered AS (
    INSERT INTO cohort_members (cohort_id, profile_id, source)
    SELECT cohort_id, profile_id, CAST(:source AS text)
      FROM unnest(CAST(:cohorts AS uuid[]), CAST(:profiles AS uuid[])) AS one (cohort_id, profile_id)
    ON CONFLICT (cohort_id, profile_id) WHERE until IS NULL DO NOTHING
    RETURNING cohort_id, profile_id
), {COUNT.format(sign="", moved="entered")}
SELECT cohort_id, profile_id FROM entered
""")  # noqa: S608 the text is ours
END_OTHERS = text(f"""
WITH ended AS (
    UPDATE cohort_members m SET until = clock_timestamp()
     WHERE m.until IS NULL AND m.cohort_id = ANY(CAST(:chosen AS uuid[]))
       AND NOT EXISTS (SELECT 1 FROM unnest(CAST(:cohorts AS uuid[]), CAST(:profiles AS uuid[])) AS stays (c, p)
                        WHERE stays.c = m.cohort_id AND stays.p = m.profile_id)
       AND EXISTS (SELECT 1 FROM profiles p WHERE p.id = m.profile_id)
    RETURNING m.cohort_id, m.profile_id
), {COUNT.format(sign="-", moved="ended")}
SELECT cohort_id, profile_id FROM ended
""")  # noqa: S608
END = text(f"""
WITH ended AS (
    UPDATE cohort_members SET until = clock_timestamp()
     WHERE until IS NULL AND profile_id = ANY(CAST(:profiles AS uuid[])) AND cohort_id = ANY(CAST(:cohorts AS uuid[]))
    RETURNING cohort_id, profile_id
), live AS (
    SELECT e.profile_id FROM ended e JOIN cohorts c ON c.id = e.cohort_id AND c.deleted_at IS NULL
), {COUNT.format(sign="-", moved="live")}
SELECT cohort_id, profile_id FROM ended
""")  # noqa: S608
COPY = text(f"""
WITH entered AS (
    INSERT INTO cohort_members (cohort_id, profile_id, source)
    SELECT :to, profile_id, source FROM cohort_members WHERE cohort_id = :origin AND until IS NULL ORDER BY id
    RETURNING profile_id
), {COUNT.format(sign="", moved="entered")}
SELECT profile_id FROM entered
""")  # noqa: S608
HIDE = text(f"""
WITH hidden AS (
    SELECT profile_id FROM cohort_members WHERE until IS NULL AND cohort_id = ANY(CAST(:cohorts AS uuid[]))
), {COUNT.format(sign="-", moved="hidden")}
SELECT count(*) FROM hidden
""")  # noqa: S608
SHOW = text(f"""
WITH shown AS (
    SELECT profile_id FROM cohort_members WHERE until IS NULL AND cohort_id = ANY(CAST(:cohorts AS uuid[]))
), {COUNT.format(sign="", moved="shown")}
SELECT count(*) FROM shown
""")  # noqa: S608
MOVED = """
counted AS (
    INSERT INTO profile_cohorts AS known (profile_id, organization_id, times)
    SELECT profile_id, {organization}, sum(step)
      FROM (SELECT profile_id, 1 AS step FROM entered UNION ALL SELECT profile_id, -1 FROM ended) moved
     GROUP BY profile_id HAVING sum(step) <> 0 ORDER BY profile_id
    ON CONFLICT (profile_id) DO UPDATE SET times = known.times + excluded.times
)"""
SWAP = """
WITH chosen AS MATERIALIZED ({chosen}), ended AS (
    UPDATE cohort_members m SET until = {moment}
     WHERE m.cohort_id = {cohort} AND m.until IS NULL AND {swaps}
       AND NOT EXISTS (SELECT 1 FROM chosen WHERE chosen.id = m.profile_id)
    RETURNING m.profile_id
), entered AS (
    INSERT INTO cohort_members (cohort_id, profile_id, source, since)
    SELECT {cohort}, chosen.id, 'filter', {moment} FROM chosen
     WHERE NOT EXISTS (SELECT 1 FROM cohort_members m
                        WHERE m.cohort_id = {cohort} AND m.until IS NULL AND m.profile_id = chosen.id)
    ON CONFLICT (cohort_id, profile_id) WHERE until IS NULL DO NOTHING
    RETURNING id, profile_id
), {counted}
SELECT (SELECT count(*) FROM entered) AS entered, (SELECT count(*) FROM ended) AS ended,
       (SELECT min(id) FROM entered) AS first_id, (SELECT max(id) FROM entered) AS last_id
"""
MOVE = """
WITH judged AS MATERIALIZED ({judged}), ended AS (
    UPDATE cohort_members m SET until = {moment} FROM judged j
     WHERE m.until IS NULL AND m.cohort_id = j.cohort_id AND m.profile_id = j.person_id AND NOT j.belongs
    RETURNING m.cohort_id, m.profile_id
), entered AS (
    INSERT INTO cohort_members (cohort_id, profile_id, source, since)
    SELECT j.cohort_id, j.person_id, 'filter', {moment} FROM judged j
     WHERE j.belongs AND NOT EXISTS (SELECT 1 FROM cohort_members m WHERE m.until IS NULL
                                        AND m.cohort_id = j.cohort_id AND m.profile_id = j.person_id)
    ON CONFLICT (cohort_id, profile_id) WHERE until IS NULL DO NOTHING
    RETURNING cohort_id, profile_id
), sized AS (
    UPDATE cohorts c SET member_count = c.member_count + grown.more
      FROM (SELECT cohort_id, sum(step) AS more
              FROM (SELECT cohort_id, 1 AS step FROM entered UNION ALL SELECT cohort_id, -1 FROM ended) moved
             GROUP BY cohort_id) grown
     WHERE c.id = grown.cohort_id
), {counted}
SELECT cohort_id, profile_id, true AS has_entered FROM entered
UNION ALL SELECT cohort_id, profile_id, false FROM ended
"""
MOST_SHOWN = 100

Pairs = Mapping[UUID, Sequence[UUID]]
"""Profiles by cohort."""


class Change(msgspec.Struct):
    """Who came into a cohort and who left it."""

    added: list[UUID] = msgspec.field(default_factory=list[UUID])
    removed: list[UUID] = msgspec.field(default_factory=list[UUID])

    @property
    def difference(self) -> int:
        """By how many the cohort has grown."""
        return len(self.added) - len(self.removed)

    def told(self) -> dict[str, Any]:
        """The change for the record of activities: how many, and who as far as a hundred."""
        return {
            "field": "profile_ids",
            "added": [str(one) for one in self.added[:MOST_SHOWN]],
            "removed": [str(one) for one in self.removed[:MOST_SHOWN]],
            "added_count": len(self.added),
            "removed_count": len(self.removed),
        }


async def enter(session: AsyncSession, organization_id: UUID, pairs: Pairs, source: Source) -> dict[UUID, Change]:
    """Let profiles into live cohorts, with one statement; those who are in already stay as they are."""
    values = {"organization_id": organization_id, "source": source, **_flat(pairs)}
    changes: dict[UUID, Change] = {}
    if values["cohorts"]:
        for cohort_id, profile_id in await session.execute(ENTER, values):
            changes.setdefault(cohort_id, Change()).added.append(profile_id)
    return changes


async def replace(session: AsyncSession, organization_id: UUID, pairs: Pairs, source: Source) -> dict[UUID, Change]:
    """Let of all profiles exactly these be in each live cohort; persons without a profile stay as they are.

    Two statements. The cohorts' rows must be locked.
    """
    if not pairs:
        return {}
    values = {"organization_id": organization_id, "chosen": list(pairs), **_flat(pairs)}
    gone = list(await session.execute(END_OTHERS, values))
    changes = await enter(session, organization_id, pairs, source)
    for cohort_id, profile_id in gone:
        changes.setdefault(cohort_id, Change()).removed.append(profile_id)
    return changes


async def end(
    session: AsyncSession, organization_id: UUID, profile_ids: Sequence[UUID], cohorts: Sequence[UUID]
) -> dict[UUID, Change]:
    """End profiles' time in some cohorts, with one statement. Returns who left which."""
    values = {"organization_id": organization_id, "profiles": list(profile_ids), "cohorts": list(cohorts)}
    changes: dict[UUID, Change] = {}
    for cohort_id, profile_id in await session.execute(END, values):
        changes.setdefault(cohort_id, Change()).removed.append(profile_id)
    return changes


async def copy(session: AsyncSession, organization_id: UUID, origin: UUID, to: UUID) -> list[UUID]:
    """Let everybody who is in one cohort into another, new one. Returns them."""
    return list(await session.scalars(COPY, {"organization_id": organization_id, "origin": origin, "to": to}))


class Swapped(msgspec.Struct, frozen=True):
    """How many a calculation let in and out; the rows of those who came in lie between two ids."""

    entered: int
    ended: int
    first_id: int | None
    last_id: int | None


async def swap(
    session: AsyncSession,
    organization_id: UUID,
    cohort_id: UUID,
    chosen: Statement,
    now: datetime,
    *,
    only_add: bool = False,
) -> Swapped:
    """Let exactly the persons of a SELECT of `id` be in a live cohort, with one statement; `only_add` lets nobody out.

    The caller keeps `member_count`.
    """
    values = Values(chosen.parameters)
    places = {"moment": values.moment(NOW), "cohort": values.add(cohort_id, "uuid")}
    counted = MOVED.format(organization=values.add(organization_id, "uuid"))
    sql = SWAP.format(chosen=chosen.sql, swaps="false" if only_add else "true", counted=counted, **places)
    (row,) = await _run(session, values.statement(sql), now)
    return Swapped(row.entered, row.ended, row.first_id, row.last_id)


def moving(judged: Statement, organization_id: UUID) -> Statement:
    """The statement that lets persons into cohorts and out of them, as a SELECT of filters.judging says."""
    values = Values(judged.parameters)
    counted = MOVED.format(organization=values.add(organization_id, "uuid"))
    return values.statement(MOVE.format(judged=judged.sql, moment=values.moment(NOW), counted=counted))


async def move(
    session: AsyncSession, statement: Statement, persons: Sequence[UUID], now: datetime
) -> list[tuple[UUID, UUID, bool]]:
    """Let some persons into cohorts and out of them. The cohorts' schedules must be locked.

    Returns cohort, person and whether they came in.
    """
    return [tuple(row) for row in await _run(session, statement, now, persons)]


async def _run(session: AsyncSession, statement: Statement, now: datetime, persons: Sequence[UUID] = ()) -> list[Any]:
    given = [list(persons) if one is PERSONS else one for one in statement.bind(now)]
    connection = await session.connection()
    return list(await connection.exec_driver_sql(statement.sql, tuple(given)))


async def hide(session: AsyncSession, organization_id: UUID, cohorts: Sequence[UUID]) -> None:
    """Cohorts that were live are deleted: their members' rows stay and no longer count."""
    await session.execute(HIDE, {"organization_id": organization_id, "cohorts": list(cohorts)})


async def show(session: AsyncSession, organization_id: UUID, cohorts: Sequence[UUID]) -> None:
    """Cohorts that were deleted are live again: their members count again."""
    await session.execute(SHOW, {"organization_id": organization_id, "cohorts": list(cohorts)})


def _flat(pairs: Pairs) -> dict[str, list[UUID]]:
    flat = [(cohort_id, profile_id) for cohort_id, profiles in pairs.items() for profile_id in profiles]
    return {"cohorts": [pair[0] for pair in flat], "profiles": [pair[1] for pair in flat]}
