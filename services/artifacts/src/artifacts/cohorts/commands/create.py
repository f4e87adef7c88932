"""Making cohorts."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec
from contracts.artifacts import CohortCreated
from kernel import uuid7
from messaging import publish_many
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from artifacts.actors import Actor
from artifacts.cohorts import activities, members, rules
from artifacts.cohorts.activities import Entry
from artifacts.cohorts.commands.moves import follow, told
from artifacts.cohorts.members import Source
from artifacts.cohorts.resolving import Resolved, Wanted, resolve
from artifacts.cohorts.resolving.items import LISTS
from artifacts.outcomes import Outcome, Problem

COLUMNS = {
    "id": "uuid",
    "name_id": "uuid",
    "description_id": "uuid",
    "is_active": "boolean",
    **dict.fromkeys(LISTS, "uuid[]"),
    "member_count": "integer",
}
INSERT = text(f"""
WITH given AS (
    SELECT * FROM jsonb_to_recordset(CAST(:rows AS jsonb))
        AS one (place bigint, {", ".join(f"{name} {kind}" for name, kind in COLUMNS.items())})
), taken AS (
    INSERT INTO counters AS known (organization_id, kind, last)
    VALUES (:organization_id, 'cohort', CAST(:several AS bigint))
    ON CONFLICT (organization_id, kind) DO UPDATE SET last = known.last + excluded.last
    RETURNING last
), made AS (
    INSERT INTO cohorts (organization_id, number, mcp, created_by, updated_by, source_type, {", ".join(COLUMNS)})
    SELECT CAST(:organization_id AS uuid), taken.last - CAST(:several AS bigint) + place, CAST(:mcp AS boolean),
           CAST(:user_id AS uuid), CAST(:user_id AS uuid), CAST(:source_type AS text), {", ".join(COLUMNS)}
      FROM given CROSS JOIN taken
     ORDER BY place
    ON CONFLICT (id) DO NOTHING
    RETURNING id, number
), ended AS (
    UPDATE drafts SET is_active = false, updated_at = clock_timestamp()
     WHERE id IN (SELECT id FROM made) AND organization_id = :organization_id AND owner = CAST(:owner AS text)
)
SELECT id, number FROM made
""")  # noqa: S608 the text is ours


async def create(
    session: AsyncSession, actor: Actor, wanted: Sequence[Wanted], *, mcp: bool = False, source: Source = "hand"
) -> list[Outcome]:
    """Make cohorts, an outcome an item in the items' order; an item with problems leaves nothing behind.

    An item with the id of a draft of the actor's ends the draft. Raises Forbidden.
    """
    rules.demand(actor, "create")
    items = await resolve(session, actor.organization_id, wanted)
    sound = {item.wanted.id or uuid7(): item for item in items if not item.problems}
    numbers = await _insert(session, actor, sound, mcp=mcp)
    people = {key: sound[key].profile_ids or [] for key in numbers}
    moved = await members.enter(session, actor.organization_id, people, source)
    entries = [Entry(identifier, "created") for identifier in numbers]
    await activities.note(session, actor.organization_id, entries, actor=actor, mcp=mcp)
    events = [
        CohortCreated(cohort_id=key, organization_id=actor.organization_id, number=number, mcp=mcp)
        for key, number in numbers.items()
    ]
    await publish_many(session, [*events, *told(actor.organization_id, moved, source)])
    await follow(session, actor.organization_id, moved)
    keys = iter(sound)
    return [_outcome(item, None if item.problems else next(keys), numbers) for item in items]


async def _insert(session: AsyncSession, actor: Actor, items: dict[UUID, Resolved], *, mcp: bool) -> dict[UUID, int]:
    """The numbers of the cohorts that were made; an id that somebody else took meanwhile is left out."""
    if not items:
        return {}
    rows = [_row(place, key, item) for place, (key, item) in enumerate(items.items(), 1)]
    values = {
        "rows": msgspec.json.encode(rows).decode(),
        "organization_id": actor.organization_id,
        "several": len(rows),
        "mcp": mcp,
        "user_id": actor.user_id,
        "owner": actor.subject,
        "source_type": "backend" if actor.user_id is None else "frontend",
    }
    found = {row.id: row.number for row in await session.execute(INSERT, values)}
    return {key: found[key] for key in items if key in found}


def _row(place: int, key: UUID, item: Resolved) -> dict[str, Any]:
    row = {name: getattr(item, name) for name in COLUMNS if name not in {"id", "member_count"}}
    return {"place": place, "id": key, "member_count": len(item.profile_ids or ()), **row}


def _outcome(item: Resolved, key: UUID | None, made: dict[UUID, int]) -> Outcome:
    if key is not None and key not in made:
        return Outcome(None, [Problem("id", "The id is taken.")])
    return Outcome(key, item.problems)
