"""Announcing who came into cohorts and who left: a thousand persons an event, in the order in which it happened.

What a whole calculation changes for more persons than one event holds is announced afterwards, batch by batch, from
the members' rows; until that is done, later changes of the same cohort queue behind it.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from chassis.runtime import Runtime
from contracts.artifacts import CohortMemberEntered, CohortMemberLeft
from messaging import publish_many
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from artifacts.cohorts.members import Swapped

PERSONS_IN_AN_EVENT = 1000
EVENTS_AT_ONCE = 10
EVENTS = {"entered": CohortMemberEntered, "left": CohortMemberLeft}
OF_ROWS = {
    "entered": """
SELECT id, profile_id FROM cohort_members
 WHERE cohort_id = :cohort_id AND id > :done AND id BETWEEN :first_id AND :last_id ORDER BY id LIMIT :most""",
    "left": """
SELECT id, profile_id FROM cohort_members
 WHERE cohort_id = :cohort_id AND until = :moment AND id > :done ORDER BY until, id LIMIT :most""",
}
QUEUED = text("SELECT DISTINCT cohort_id FROM member_announcements WHERE cohort_id = ANY(CAST(:cohorts AS uuid[]))")
QUEUE = text("""
INSERT INTO member_announcements (organization_id, cohort_id, kind, source, moment, first_id, last_id, person_ids)
VALUES (:organization_id, :cohort_id, :kind, 'filter', :moment, :first_id, :last_id, CAST(:persons AS uuid[]))
""")
TAKE = text("""
SELECT a.* FROM member_announcements a
 WHERE NOT EXISTS (SELECT 1 FROM member_announcements b WHERE b.cohort_id = a.cohort_id AND b.id < a.id)
 ORDER BY a.id LIMIT 1 FOR UPDATE SKIP LOCKED
""")
GO_ON = text("UPDATE member_announcements SET done = :done WHERE id = :id")
END = text("DELETE FROM member_announcements WHERE id = :id")


async def tell_moved(
    session: AsyncSession, organization_id: UUID, moved: Sequence[tuple[UUID, UUID, bool]], now: datetime
) -> None:
    """Announce who moved: cohort, person, and whether they came in."""
    groups: dict[tuple[UUID, str], list[UUID]] = {}
    for cohort_id, person_id, has_entered in moved:
        groups.setdefault((cohort_id, "entered" if has_entered else "left"), []).append(person_id)
    cohorts = sorted({cohort_id for cohort_id, _ in groups})
    queued = set(await session.scalars(QUEUED, {"cohorts": cohorts})) if cohorts else set[UUID]()
    events: list[Any] = []
    for (cohort_id, kind), persons in groups.items():
        if cohort_id in queued:
            await _queue(session, organization_id, cohort_id, kind, now, persons=persons)
        else:
            events += _events(organization_id, cohort_id, kind, now, persons)
    await publish_many(session, events)


async def tell_swapped(
    session: AsyncSession, organization_id: UUID, cohort_id: UUID, swapped: Swapped, now: datetime
) -> None:
    """Announce what a whole calculation changed: at once if it is little, else afterwards."""
    is_queued = bool((await session.execute(QUEUED, {"cohorts": [cohort_id]})).first())
    for kind, several in (("left", swapped.ended), ("entered", swapped.entered)):
        if several > PERSONS_IN_AN_EVENT or (several and is_queued):
            is_queued = True
            await _queue(session, organization_id, cohort_id, kind, now, rows=swapped)
        elif several:
            values = {
                "cohort_id": cohort_id,
                "moment": now,
                "done": 0,
                "most": PERSONS_IN_AN_EVENT,
                **_between(swapped),
            }
            rows = await session.execute(text(OF_ROWS[kind]), values)
            await publish_many(session, list(_events(organization_id, cohort_id, kind, now, [row[1] for row in rows])))


async def announce_once(runtime: Runtime) -> bool:
    """Announce the next batch of what is queued. False where nothing is."""
    async with runtime.sessions.begin() as session:
        one = (await session.execute(TAKE)).one_or_none()
        if one is None:
            return False
        last = None
        if one.person_ids is not None:
            persons = one.person_ids
        else:
            most = PERSONS_IN_AN_EVENT * EVENTS_AT_ONCE
            names = ("cohort_id", "moment", "done", "first_id", "last_id")
            values = {name: getattr(one, name) for name in names} | {"most": most}
            rows = (await session.execute(text(OF_ROWS[one.kind]), values)).all()
            persons = [row.profile_id for row in rows]
            last = rows[-1].id if len(rows) == most else None
        await publish_many(session, list(_events(one.organization_id, one.cohort_id, one.kind, one.moment, persons)))
        await (
            session.execute(END, {"id": one.id})
            if last is None
            else session.execute(GO_ON, {"id": one.id, "done": last})
        )
    return True


async def _queue(
    session: AsyncSession,
    organization_id: UUID,
    cohort_id: UUID,
    kind: str,
    moment: datetime,
    *,
    rows: Swapped | None = None,
    persons: list[UUID] | None = None,
) -> None:
    values = {"organization_id": organization_id, "cohort_id": cohort_id, "kind": kind, "moment": moment}
    await session.execute(QUEUE, values | _between(rows) | {"persons": persons})


def _between(rows: Swapped | None) -> dict[str, int | None]:
    return {"first_id": rows.first_id if rows else None, "last_id": rows.last_id if rows else None}


def _events(
    organization_id: UUID, cohort_id: UUID, kind: str, moment: datetime, persons: Sequence[UUID]
) -> Iterator[CohortMemberEntered | CohortMemberLeft]:
    for begin in range(0, len(persons), PERSONS_IN_AN_EVENT):
        chosen = tuple(persons[begin : begin + PERSONS_IN_AN_EVENT])
        yield EVENTS[kind](cohort_id=cohort_id, organization_id=organization_id, person_ids=chosen, at=moment)
