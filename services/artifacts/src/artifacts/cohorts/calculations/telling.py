"""Announcing who came into cohorts and who left: a thousand persons an event, in the order in which it happened.

What a whole calculation changes for more persons than one event holds is announced afterwards, batch by batch, from
the members' rows; until that is done, later changes of the same cohort queue behind it.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from chassis.runtime import Runtime
from contracts.artifacts import CohortMemberEntered, CohortMemberLeft
from messaging import publish_many
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from artifacts.cohorts.members import Swapped

PERSONS_IN_AN_EVENT = 1000
EVENTS_AT_ONCE = 10
MOST_AT_ONCE = 50
"""More moves than these are announced a moment after they are there to be seen."""
EVENTS = {"entered": CohortMemberEntered, "left": CohortMemberLeft}
OF_ROWS = {
    "entered": text("""
SELECT id, profile_id FROM cohort_members
 WHERE cohort_id = :cohort_id AND since = :moment AND id > :done AND id BETWEEN :first_id AND :last_id
 ORDER BY id LIMIT :most
"""),
    "left": text("""
SELECT id, profile_id FROM cohort_members
 WHERE cohort_id = :cohort_id AND until = :moment AND id > :done ORDER BY until, id LIMIT :most
"""),
}
QUEUED = text("SELECT DISTINCT cohort_id FROM member_announcements WHERE cohort_id = ANY(CAST(:cohorts AS uuid[]))")
QUEUE = text("""
INSERT INTO member_announcements (organization_id, cohort_id, kind, source, moment, first_id, last_id, person_ids)
SELECT :organization_id, cohort_id, kind, 'filter', :moment, first_id, last_id, person_ids
  FROM jsonb_to_recordset(CAST(:rows AS jsonb))
       AS one (cohort_id uuid, kind text, first_id bigint, last_id bigint, person_ids uuid[])
""")
TAKE = text("""
SELECT a.* FROM member_announcements a
 WHERE NOT EXISTS (SELECT 1 FROM member_announcements b WHERE b.cohort_id = a.cohort_id AND b.id < a.id)
 ORDER BY a.id LIMIT 500 FOR UPDATE SKIP LOCKED
""")
GO_ON = text("UPDATE member_announcements SET done = :done WHERE id = :id")
END = text("DELETE FROM member_announcements WHERE id = ANY(CAST(:ids AS bigint[]))")


async def tell_moved(
    session: AsyncSession, organization_id: UUID, moved: Sequence[tuple[UUID, UUID, bool]], now: datetime
) -> None:
    """Announce who moved: cohort, person, and whether they came in."""
    groups: dict[tuple[UUID, str], list[UUID]] = {}
    for cohort_id, person_id, has_entered in moved:
        groups.setdefault((cohort_id, "entered" if has_entered else "left"), []).append(person_id)
    if not groups:
        return
    cohorts = sorted({cohort_id for cohort_id, _ in groups})
    queued = set(cohorts)
    if len(moved) <= MOST_AT_ONCE:
        queued = set(await session.scalars(QUEUED, {"cohorts": cohorts}))
    rows = [
        {"cohort_id": cohort_id, "kind": kind, "person_ids": persons}
        for (cohort_id, kind), persons in groups.items()
        if cohort_id in queued
    ]
    await _queue(session, organization_id, now, rows)
    events = [
        event
        for (cohort_id, kind), persons in groups.items()
        if cohort_id not in queued
        for event in _events(organization_id, cohort_id, kind, now, persons)
    ]
    await publish_many(session, events)


async def tell_swapped(
    session: AsyncSession, organization_id: UUID, cohort_id: UUID, swapped: Swapped, now: datetime
) -> None:
    """Announce what a whole calculation changed: at once if it is little, else afterwards."""
    is_queued = bool((await session.execute(QUEUED, {"cohorts": [cohort_id]})).first())
    between = {"first_id": swapped.first_id, "last_id": swapped.last_id}
    for kind, several in (("left", swapped.ended), ("entered", swapped.entered)):
        if several > PERSONS_IN_AN_EVENT or (several and is_queued):
            is_queued = True
            await _queue(session, organization_id, now, [{"cohort_id": cohort_id, "kind": kind, **between}])
        elif several:
            values = {"cohort_id": cohort_id, "moment": now, "done": 0, "most": PERSONS_IN_AN_EVENT, **between}
            persons = [row.profile_id for row in await session.execute(OF_ROWS[kind], values)]
            await publish_many(session, list(_events(organization_id, cohort_id, kind, now, persons)))


async def announce_once(runtime: Runtime) -> bool:
    """Announce the next batch of what is queued. False where nothing is."""
    async with runtime.sessions.begin() as session:
        rows = list(await session.execute(TAKE))
        listed = [row for row in rows if row.person_ids is not None]
        events = [
            event
            for row in listed
            for event in _events(row.organization_id, row.cohort_id, row.kind, row.moment, row.person_ids)
        ]
        await publish_many(session, events)
        await session.execute(END, {"ids": [row.id for row in listed]})
        if rows and not listed:
            await _announce(session, rows[0])
    return bool(rows)


async def _announce(session: AsyncSession, one: Any) -> None:
    """Announce the next batch of one calculation."""
    names = ("cohort_id", "moment", "done", "first_id", "last_id")
    most = PERSONS_IN_AN_EVENT * EVENTS_AT_ONCE
    values = {name: getattr(one, name) for name in names} | {"most": most}
    rows = (await session.execute(OF_ROWS[one.kind], values)).all()
    persons = [row.profile_id for row in rows]
    await publish_many(session, list(_events(one.organization_id, one.cohort_id, one.kind, one.moment, persons)))
    if len(rows) < most:
        await session.execute(END, {"ids": [one.id]})
    else:
        await session.execute(GO_ON, {"id": one.id, "done": rows[-1].id})


async def _queue(session: AsyncSession, organization_id: UUID, moment: datetime, rows: list[dict[str, Any]]) -> None:
    if rows:
        values = {"organization_id": organization_id, "moment": moment}
        await session.execute(QUEUE, values | {"rows": msgspec.json.encode(rows).decode()})


def _events(
    organization_id: UUID, cohort_id: UUID, kind: str, moment: datetime, persons: Sequence[UUID]
) -> Iterator[CohortMemberEntered | CohortMemberLeft]:
    for begin in range(0, len(persons), PERSONS_IN_AN_EVENT):
        chosen = tuple(persons[begin : begin + PERSONS_IN_AN_EVENT])
        yield EVENTS[kind](cohort_id=cohort_id, organization_id=organization_id, person_ids=chosen, at=moment)
