"""Changing cohorts."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec
from contracts.artifacts import CohortUpdated
from messaging import publish_many
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from artifacts.actors import Actor
from artifacts.cohorts import activities, members, rules
from artifacts.cohorts.activities import Entry, changed
from artifacts.cohorts.commands.moves import follow, told
from artifacts.cohorts.members import Change, Source
from artifacts.cohorts.models import Cohort
from artifacts.cohorts.resolving import Resolved, Wanted, resolve
from artifacts.cohorts.resolving.items import LISTS, Present, present
from artifacts.matching import among
from artifacts.outcomes import Outcome, Problem

UNKNOWN = "There is no such cohort."
FIELDS = ("name_id", "description_id", "is_active", *LISTS)
KINDS = {"is_active": "boolean", **dict.fromkeys(LISTS, "uuid[]")}
CHANGE = text(f"""
UPDATE cohorts c
   SET {", ".join(f"{name} = one.{name}" for name in FIELDS)}, member_count = c.member_count + one.more,
       version = c.version + 1, updated_at = clock_timestamp(), updated_by = CAST(:user_id AS uuid)
  FROM jsonb_to_recordset(CAST(:rows AS jsonb))
    AS one (id uuid, more integer, {", ".join(f"{name} {KINDS.get(name, 'uuid')}" for name in FIELDS)})
 WHERE c.id = one.id
""")  # noqa: S608 the text is ours


async def update(
    session: AsyncSession, actor: Actor, wanted: Sequence[Wanted], *, mcp: bool = False, source: Source = "hand"
) -> list[Outcome]:
    """Change cohorts, an outcome an item in the items' order; an item with problems changes nothing.

    `id` says which; what is None stays. An item that changes nothing is a success without a trace. Raises Forbidden.
    """
    rules.demand(actor, "edit")
    presents = await locked(session, actor.organization_id, [one.id for one in wanted if one.id])
    known = [one for one in wanted if one.id in presents]
    items = await resolve(session, actor.organization_id, known, [presents[one.id] for one in known if one.id])
    sound = {item.wanted.id: item for item in items if not item.problems and item.wanted.id}
    chosen = {key: item.profile_ids for key, item in sound.items() if item.profile_ids is not None}
    moves = await members.replace(session, actor.organization_id, chosen, source)
    noted = {key: _changes(presents[key], item, moves.get(key)) for key, item in sound.items()}
    noted = {key: changes for key, changes in noted.items() if changes}
    await _write(session, actor, {key: sound[key] for key in noted}, moves)
    entries = [Entry(key, "updated", changes) for key, changes in noted.items()]
    await activities.note(session, actor.organization_id, entries, actor=actor, mcp=mcp)
    events = [CohortUpdated(cohort_id=key, organization_id=actor.organization_id) for key in sorted(noted)]
    await publish_many(session, [*told(actor.organization_id, moves, source), *events])
    await follow(session, actor.organization_id, moves)
    refused = iter(items)
    return [
        _outcome(one.id, next(refused)) if one.id in presents else Outcome(one.id, [Problem("cohort_id", UNKNOWN)])
        for one in wanted
    ]


async def locked(session: AsyncSession, organization_id: UUID, identifiers: Sequence[UUID]) -> dict[UUID, Present]:
    """Those of some cohorts that the organization has, held until the transaction ends."""
    statement = select(Cohort).where(
        Cohort.organization_id == organization_id, Cohort.deleted_at.is_(None), among(Cohort.id, set(identifiers))
    )
    rows = await session.scalars(
        statement.order_by(Cohort.id).with_for_update().execution_options(populate_existing=True)
    )
    return {row.id: present(row) for row in rows}


async def _write(session: AsyncSession, actor: Actor, items: dict[UUID, Resolved], moves: dict[UUID, Change]) -> None:
    if not items:
        return
    rows = [
        {
            "id": key,
            "more": moves[key].difference if key in moves else 0,
            **{name: getattr(item, name) for name in FIELDS},
        }
        for key, item in items.items()
    ]
    await session.execute(CHANGE, {"rows": msgspec.json.encode(rows).decode(), "user_id": actor.user_id})


def _changes(before: Present, item: Resolved, move: Change | None) -> list[dict[str, Any]]:
    pairs = ((name, getattr(before, name), getattr(item, name)) for name in FIELDS)
    found = [changed(name, old, new) for name, old, new in pairs if old != new]
    return [*found, move.told()] if move else found


def _outcome(key: UUID | None, item: Resolved) -> Outcome:
    return Outcome(key, item.problems)
