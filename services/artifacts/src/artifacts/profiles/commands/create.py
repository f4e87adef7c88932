"""Making profiles of people who have no login yet."""

from collections import Counter
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec
from contracts.artifacts import ProfileCreated
from kernel import uuid7
from messaging import publish_many
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from artifacts.actors import Actor
from artifacts.outcomes import Outcome, Problem
from artifacts.persons.commands import follow_profiles
from artifacts.profiles import activities, rules
from artifacts.profiles.activities import Entry
from artifacts.profiles.resolving import FIRST_ROLE, Resolved, Wanted, resolve
from artifacts.texts.commands import PROFILE_EMAIL, PROFILE_NAME, made_texts

INSERT = text("""
WITH taken AS (
    INSERT INTO counters AS known (organization_id, kind, last)
    VALUES (:organization_id, 'profile', CAST(:several AS bigint))
    ON CONFLICT (organization_id, kind) DO UPDATE SET last = known.last + excluded.last
    RETURNING last
), made AS (
    INSERT INTO profiles (id, organization_id, number, account_type, role, assigned_role, given_name, name,
                          given_emails, emails, primary_email, given_department_ids, department_ids,
                          primary_department_id, requests_per_day, is_in_use, mcp)
    SELECT id, CAST(:organization_id AS uuid), taken.last - CAST(:several AS bigint) + place, account_type, role, role,
           name, name, emails, emails, emails[1], departments, departments, departments[1], requests_per_day,
           is_in_use, CAST(:mcp AS boolean)
      FROM jsonb_to_recordset(CAST(:rows AS jsonb))
        AS one (place bigint, id uuid, account_type text, role text, name text, emails text[], departments uuid[],
                requests_per_day integer, is_in_use boolean)
     CROSS JOIN taken
     ORDER BY place
    ON CONFLICT (id) DO NOTHING
    RETURNING id
), ended AS (
    UPDATE drafts SET is_active = false, updated_at = clock_timestamp()
     WHERE id IN (SELECT id FROM made) AND organization_id = :organization_id AND owner = CAST(:owner AS text)
)
SELECT id FROM made
""")
NO_NAME = "Give a name or a name_id."


async def create(session: AsyncSession, actor: Actor, wanted: Sequence[Wanted], *, mcp: bool = False) -> list[Outcome]:
    """Make profiles, an outcome an item in the items' order; an item with problems leaves nothing behind.

    An item with the id of a draft of the actor's ends the draft. Raises Forbidden.
    """
    rules.demand(actor, "create")
    items = await resolve(session, actor, wanted)
    times = Counter(item.wanted.id for item in items if item.wanted.id)
    for item in items:
        if not item.name and not any(problem.field == "name_id" for problem in item.problems):
            item.refuse("name", NO_NAME)
        if item.wanted.id and times[item.wanted.id] > 1:
            item.refuse("id", "The id is named twice.")
    keys = [None if item.problems else item.wanted.id or uuid7() for item in items]
    made = await insert(session, actor, {key: item for key, item in zip(keys, items, strict=True) if key}, mcp=mcp)
    taken = [Problem("id", "The id is taken.")]
    return [
        Outcome(key, item.problems) if key is None or key in made else Outcome(None, taken)
        for key, item in zip(keys, items, strict=True)
    ]


async def insert(session: AsyncSession, actor: Actor, items: dict[UUID, Resolved], *, mcp: bool) -> set[UUID]:
    """Write sound items with what is announced and noted of them. Returns which were made."""
    if not items:
        return set()
    rows = [_row(place, key, item) for place, (key, item) in enumerate(items.items(), 1)]
    values = {
        "rows": msgspec.json.encode(rows).decode(),
        "organization_id": actor.organization_id,
        "several": len(rows),
        "mcp": mcp,
        "owner": actor.subject,
    }
    made = set(await session.scalars(INSERT, values))
    await follow_profiles(session, actor.organization_id, made)
    await keep_values(session, actor.organization_id, [item for key, item in items.items() if key in made])
    entries = [Entry(key, "created") for key in items if key in made]
    await activities.note(session, actor.organization_id, entries, actor=actor, mcp=mcp)
    events = [ProfileCreated(profile_id=key, organization_id=actor.organization_id) for key in items if key in made]
    await publish_many(session, events)
    return made


async def keep_values(session: AsyncSession, organization_id: UUID, items: Sequence[Resolved]) -> None:
    """Let the names and addresses of items be chosen by their ids from now on."""
    names = {(PROFILE_NAME, item.name) for item in items if item.name}
    emails = {(PROFILE_EMAIL, email) for item in items for email in item.emails or ()}
    await made_texts(session, organization_id, names | emails)


def _row(place: int, key: UUID, item: Resolved) -> dict[str, Any]:
    role = item.role or FIRST_ROLE
    return {
        "place": place,
        "id": key,
        "account_type": "patient" if role == "guest" else "provider",
        "role": role,
        "name": item.name,
        "emails": item.emails or [],
        "departments": item.department_ids or [],
        "requests_per_day": item.limit,
        "is_in_use": item.is_in_use is not False,
    }
