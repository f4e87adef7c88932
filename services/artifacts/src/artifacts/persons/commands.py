"""Writes of persons."""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from artifacts.cohorts.calculations import triggers
from artifacts.matching import holds
from artifacts.persons.identifiers import captured_id_sql
from artifacts.persons.merging import hold, merge
from artifacts.persons.properties import DISTINCT_IDS, OF_PROFILE, OWN
from artifacts.profiles.models import Profile

FOLLOW = text(f"""
WITH before AS (
    SELECT id, properties, removed_at FROM persons WHERE id = ANY(CAST(:profiles AS uuid[]))
), written AS (
    INSERT INTO persons AS known (id, organization_id, is_identified, created_at, removed_at, properties)
    SELECT p.id, p.organization_id, true, p.created_at, p.removed_at, {OF_PROFILE}
      FROM profiles p
     WHERE p.organization_id = :organization_id AND p.id = ANY(CAST(:profiles AS uuid[]))
     ORDER BY p.id
    ON CONFLICT (id) DO UPDATE
       SET properties = (known.properties - CAST(:own AS text[])) || excluded.properties,
           removed_at = excluded.removed_at, updated_at = clock_timestamp()
     WHERE known.properties IS DISTINCT FROM (known.properties - CAST(:own AS text[])) || excluded.properties
        OR known.removed_at IS DISTINCT FROM excluded.removed_at
    RETURNING id, properties, removed_at
)
SELECT w.id, b.id IS NULL OR (b.removed_at IS NULL) <> (w.removed_at IS NULL) AS came,
       ARRAY(SELECT key FROM jsonb_each(w.properties) now_
               FULL JOIN jsonb_each(b.properties) then_ USING (key)
              WHERE now_.value IS DISTINCT FROM then_.value) AS names
  FROM written w LEFT JOIN before b ON b.id = w.id
""")  # noqa: S608 the text is ours
WANTED = f"""
WITH wanted AS (
    SELECT p.id, known.rank, known.distinct_id
      FROM profiles p CROSS JOIN LATERAL {DISTINCT_IDS}
     WHERE p.organization_id = :organization_id AND p.id = ANY(CAST(:profiles AS uuid[])) AND known.distinct_id <> ''
)"""  # noqa: S608 the text is ours
CAPTURED = """
(SELECT DISTINCT ON (d.person_id) d.person_id, w.id
  FROM wanted w
  JOIN person_distinct_ids d ON d.organization_id = :organization_id AND d.distinct_id = w.distinct_id
 WHERE NOT EXISTS (SELECT 1 FROM profiles p WHERE p.id = d.person_id)
 ORDER BY d.person_id, w.rank, w.id)
"""
RACED = """
UNION ALL
SELECT NULL, w.id FROM wanted w
 WHERE NOT EXISTS (SELECT 1 FROM added a WHERE a.distinct_id = w.distinct_id)
   AND NOT EXISTS (SELECT 1 FROM person_distinct_ids d
                    WHERE d.organization_id = :organization_id AND d.distinct_id = w.distinct_id)
"""
"""Names that somebody else took while the statement ran: it cannot see whose they are now."""
CAPTURED_STILL = text(WANTED + CAPTURED)
NAME = text(f"""{WANTED}, gone AS (
    DELETE FROM person_distinct_ids d
     WHERE d.organization_id = :organization_id AND d.person_id = ANY(CAST(:profiles AS uuid[])) AND d.is_given
       AND NOT EXISTS (SELECT 1 FROM wanted w WHERE w.id = d.person_id AND w.distinct_id = d.distinct_id)
), added AS (
    INSERT INTO person_distinct_ids (organization_id, distinct_id, person_id, is_given)
    SELECT DISTINCT ON (distinct_id) CAST(:organization_id AS uuid), distinct_id, id, true
      FROM wanted ORDER BY distinct_id, rank, id
    ON CONFLICT (organization_id, distinct_id) DO NOTHING
    RETURNING distinct_id, person_id
), adopted AS (
    UPDATE events e SET person_id = a.person_id FROM added a
     WHERE e.person_id = {captured_id_sql("CAST(:organization_id AS uuid)", "a.distinct_id")}
)
{CAPTURED} {RACED}
""")  # noqa: S608
TAKE_OVER = text("""
UPDATE persons own SET properties = (other.properties - CAST(:own AS text[])) || own.properties
  FROM persons other WHERE own.id = :target AND other.id = :source
""")


async def follow_profiles(session: AsyncSession, organization_id: UUID, profile_ids: Iterable[UUID]) -> None:
    """Bring the persons of profiles, and what they are known by, up to date with the profiles as they stand now.

    Whoever was captured under an id of a profile turns out to be its person.
    """
    profiles = sorted(set(profile_ids))
    if not profiles:
        return
    await session.flush()
    values = {"organization_id": organization_id, "profiles": profiles}
    followed = (await session.execute(FOLLOW, values | {"own": sorted(OWN)})).all()
    told = {row.id: triggers.EVERYTHING if row.came else frozenset(row.names) for row in followed}
    if (await session.execute(NAME, values)).first() is not None:
        await hold(session, organization_id, alone=True)
        merged: dict[UUID, UUID] = {}
        for source, target in await session.execute(CAPTURED_STILL, values):
            merged[source] = target
            await session.execute(TAKE_OVER, {"source": source, "target": target, "own": sorted(OWN)})
        if merged:
            await merge(session, organization_id, merged)
        told |= dict.fromkeys(merged.values(), triggers.EVERYTHING)
    await triggers.persons_changed(session, organization_id, told)


async def follow_department(session: AsyncSession, organization_id: UUID, department_id: UUID) -> None:
    """A department may have another name: bring its people's persons up to date."""
    people = select(Profile.id).where(
        Profile.organization_id == organization_id, holds(Profile.department_ids, department_id)
    )
    await follow_profiles(session, organization_id, await session.scalars(people))
