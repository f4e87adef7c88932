"""Writing product events with what they say of their persons."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from artifacts.cohorts.calculations import triggers
from artifacts.events.captured import Captured
from artifacts.persons.gathering import Known, People, changed, names_of
from artifacts.persons.merging import hold, merge

SEEN_FOR = timedelta(hours=1)
"""How exact `last_seen_at` is."""

NAMES = text("""
SELECT d.distinct_id, p.id, p.is_identified, p.last_seen_at > CAST(:since AS timestamptz) AS is_seen,
       EXISTS (SELECT 1 FROM profiles f WHERE f.id = p.id) AS has_profile
  FROM person_distinct_ids d JOIN persons p ON p.id = d.person_id
 WHERE d.organization_id = :organization_id AND d.distinct_id = ANY(CAST(:names AS text[]))
""")
AGAIN = text("SELECT id FROM events WHERE organization_id = :organization_id AND id = ANY(CAST(:ids AS uuid[]))")
MAKE = text("""
INSERT INTO persons (id, organization_id, last_seen_at)
SELECT id, CAST(:organization_id AS uuid), CAST(:now AS timestamptz)
  FROM unnest(CAST(:ids AS uuid[])) AS one (id) ORDER BY id
ON CONFLICT (id) DO NOTHING
RETURNING id
""")
NAME = text("""
WITH given AS (
    SELECT distinct_id, person_id
      FROM unnest(CAST(:names AS text[]), CAST(:ids AS uuid[])) AS one (distinct_id, person_id)
), added AS (
    INSERT INTO person_distinct_ids (organization_id, distinct_id, person_id)
    SELECT CAST(:organization_id AS uuid), distinct_id, person_id FROM given ORDER BY distinct_id
    ON CONFLICT (organization_id, distinct_id) DO NOTHING
    RETURNING distinct_id
)
SELECT distinct_id FROM given WHERE distinct_id NOT IN (SELECT distinct_id FROM added)
""")
OTHERS = text("""
SELECT count(*) FROM person_distinct_ids d
  JOIN unnest(CAST(:names AS text[]), CAST(:ids AS uuid[])) AS one (distinct_id, person_id)
    ON one.distinct_id = d.distinct_id AND one.person_id <> d.person_id
 WHERE d.organization_id = :organization_id
""")
LOCKED = text("""
SELECT id, properties FROM persons
 WHERE organization_id = :organization_id AND id = ANY(CAST(:ids AS uuid[])) ORDER BY id FOR UPDATE
""")
CHANGE = text("""
UPDATE persons p
   SET properties = COALESCE(CAST(one.properties AS jsonb), p.properties),
       is_identified = p.is_identified OR one.is_identified, last_seen_at = CAST(:now AS timestamptz),
       updated_at = CASE WHEN one.properties IS NULL AND NOT one.is_identified THEN p.updated_at
                         ELSE clock_timestamp() END
  FROM unnest(CAST(:ids AS uuid[]), CAST(:properties AS text[]), CAST(:identified AS boolean[]))
       AS one (id, properties, is_identified)
 WHERE p.id = one.id
""")
INSERT = text("""
INSERT INTO events (organization_id, id, event, person_id, distinct_id, timestamp, properties, received_at)
SELECT CAST(:organization_id AS uuid), one.id, one.event, one.person_id, one.distinct_id, one.timestamp,
       CAST(one.properties AS jsonb), CAST(:now AS timestamptz)
  FROM unnest(CAST(:ids AS uuid[]), CAST(:events AS text[]), CAST(:persons AS uuid[]), CAST(:names AS text[]),
              CAST(:timestamps AS timestamptz[]), CAST(:properties AS text[]))
       AS one (id, event, person_id, distinct_id, timestamp, properties)
 ORDER BY one.id
ON CONFLICT (organization_id, id) DO NOTHING
RETURNING id
""")


class Raced(Exception):
    """Somebody else named one of the persons meanwhile; nothing was written that stays, and it can be tried again."""


async def write(session: AsyncSession, organization_id: UUID, events: Sequence[Captured], now: datetime) -> int:
    """Write events in their order, with their persons made, named, changed and merged; those known already are left.

    As many statements for thousands as for one. Returns how many are new. Raises Raced.
    """
    merges = any(event.merges is not None for event in events)
    await hold(session, organization_id, alone=merges)
    names = names_of(events)
    values = {"organization_id": organization_id, "names": names, "since": now - SEEN_FOR}
    found = {
        row.distinct_id: Known(
            id=row.id, is_identified=row.is_identified, has_profile=row.has_profile, is_seen=bool(row.is_seen)
        )
        for row in await session.execute(NAMES, values)
    }
    people = People(organization_id, _shared(found))
    again = await _known(session, organization_id, events)
    persons: list[UUID] = []
    for event in events:
        persons.append(people.meet(event, again=event.id in again))
        again.add(event.id)
    await _make(session, people, now)
    await _change(session, people, now)
    if people.merged:
        await merge(session, organization_id, {source: people.final(source) for source in people.merged})
    rows = [(event, people.final(person)) for event, person in zip(events, persons, strict=True)]
    return await insert(session, organization_id, rows, now)


async def insert(
    session: AsyncSession, organization_id: UUID, rows: Sequence[tuple[Captured, UUID]], now: datetime
) -> int:
    """Write events of known persons. Returns how many are new."""
    events = [event for event, _ in rows]
    values: dict[str, Any] = {
        "organization_id": organization_id,
        "now": now,
        "ids": [event.id for event in events],
        "events": [event.event for event in events],
        "persons": [person for _, person in rows],
        "names": [event.distinct_id for event in events],
        "timestamps": [event.timestamp for event in events],
        "properties": [event.properties.decode() for event in events],
    }
    new = set(await session.scalars(INSERT, values))
    arrived = [(person, event.event, event.timestamp) for event, person in rows if event.id in new]
    await triggers.events_arrived(session, organization_id, arrived)
    return len(new)


def _shared(found: dict[str, Known]) -> dict[str, Known]:
    """Distinct ids of one person hold one and the same object."""
    persons: dict[UUID, Known] = {}
    return {name: persons.setdefault(known.id, known) for name, known in found.items()}


async def _known(session: AsyncSession, organization_id: UUID, events: Sequence[Captured]) -> set[UUID]:
    """Which of the events that change persons came before."""
    ids = [event.id for event in events if event.changes or event.identifies]
    if not ids:
        return set()
    return set(await session.scalars(AGAIN, {"organization_id": organization_id, "ids": ids}))


async def _make(session: AsyncSession, people: People, now: datetime) -> None:
    common = {"organization_id": people.organization_id, "now": now}
    if people.made:
        await session.execute(MAKE, common | {"ids": list(people.made)})
    if people.named:
        named = {name: people.final(person) for name, person in people.named.items()}
        values = common | {"names": list(named), "ids": list(named.values())}
        taken = (await session.execute(NAME, values)).all()
        if taken and await session.scalar(OTHERS, values):
            raise Raced
    if people.made:
        came = dict.fromkeys((people.final(person) for person in people.made), triggers.EVERYTHING)
        await triggers.persons_changed(session, people.organization_id, came)


async def _change(session: AsyncSession, people: People, now: datetime) -> None:
    """Bring properties and what else is known of persons up to date. Their rows are locked in one order."""
    ids = {step.person_id for step in people.steps} | {step.source_id for step in people.steps if step.source_id}
    ids |= people.identified | people.stale
    if not ids:
        return
    values = {"organization_id": people.organization_id, "ids": sorted(ids)}
    before: dict[UUID, dict[str, Any]] = {row.id: row.properties for row in await session.execute(LOCKED, values)}
    after, keys = changed(people, before)
    touched = sorted((after.keys() | people.identified | people.stale) - people.merged.keys())
    changes = {
        "now": now,
        "ids": touched,
        "properties": [msgspec.json.encode(after[one]).decode() if one in after else None for one in touched],
        "identified": [people.persons[one].is_identified for one in touched],
    }
    await session.execute(CHANGE, changes)
    joined = {people.final(source) for source in people.merged}
    told = {one: triggers.EVERYTHING if one in joined else names for one, names in keys.items()}
    told |= dict.fromkeys(joined, triggers.EVERYTHING)
    await triggers.persons_changed(session, people.organization_id, told)
