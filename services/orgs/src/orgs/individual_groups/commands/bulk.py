"""People of many groups at once, for whoever holds the forest alone."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from contracts.event import Event
from contracts.orgs import GroupPeopleChanged
from messaging import publish_many
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from orgs.individual_group_logs.commands import record_many
from orgs.individual_groups.commands.kept import settle_unassigned, take_in_all
from orgs.individual_groups.events import PIECE

Pair = tuple[UUID, UUID]
"""A group and an individual."""

TAKE_OTHERS = text("""
DELETE FROM group_individuals h USING individual_groups g
WHERE g.id = h.group_id AND g.type = 'regular' AND h.individual_id = ANY(CAST(:people AS uuid[]))
  AND (h.group_id, h.individual_id) NOT IN (
      SELECT * FROM unnest(CAST(:groups AS uuid[]), CAST(:individuals AS uuid[])))
RETURNING h.group_id, h.individual_id
""")
PUT_NEW = text("""
INSERT INTO group_individuals (group_id, individual_id)
SELECT * FROM unnest(CAST(:groups AS uuid[]), CAST(:individuals AS uuid[]))
""")
PUT = text("""
INSERT INTO group_individuals (group_id, individual_id)
SELECT * FROM unnest(CAST(:groups AS uuid[]), CAST(:individuals AS uuid[]))
ON CONFLICT DO NOTHING RETURNING group_id, individual_id
""")
COUNT = text("""
UPDATE individual_groups g SET individuals_count = individuals_count + c.change, updated_at = clock_timestamp()
FROM unnest(CAST(:groups AS uuid[]), CAST(:changes AS int[])) AS c(id, change) WHERE g.id = c.id
""")


async def place(
    session: AsyncSession,
    actor: UUID | None,
    organization_id: UUID,
    fresh: Sequence[UUID],
    known: Sequence[UUID],
    wanted: Sequence[Pair] | None,
) -> set[UUID]:
    """Let people be in the regular groups of `wanted` and in no others; None leaves theirs as they are.

    `fresh` are those whom the transaction has made, `known` the others; the former are in no group yet. The kept
    groups follow. Gives which of the known ones came to groups or left some.
    """
    new, pairs = set(fresh), list(wanted or ())
    added = [pair for pair in pairs if pair[1] in new]
    if added:
        await session.execute(PUT_NEW, _lists(added))
    moved: set[UUID] = set()
    removed: list[Pair] = []
    if wanted is not None and known:
        theirs = _lists([pair for pair in pairs if pair[1] not in new])
        rows = await session.execute(TAKE_OTHERS, {**theirs, "people": list(known)})
        removed = [(row.group_id, row.individual_id) for row in rows]
        come = [(row.group_id, row.individual_id) for row in await session.execute(PUT, theirs)]
        moved = {one for _, one in (*come, *removed)}
        added += come
    await _changed(session, actor, organization_id, added, removed)
    if fresh:
        placed = {one for _, one in added}
        await take_in_all(session, organization_id, fresh, [one for one in fresh if one not in placed])
    await settle_unassigned(session, organization_id, sorted(moved))
    return moved


def _lists(pairs: Sequence[Pair]) -> dict[str, list[UUID]]:
    return {"groups": [group for group, _ in pairs], "individuals": [one for _, one in pairs]}


async def _changed(
    session: AsyncSession, actor: UUID | None, organization_id: UUID, added: list[Pair], removed: list[Pair]
) -> None:
    if not added and not removed:
        return
    come, gone = _by_group(added), _by_group(removed)
    changes = {group: len(come.get(group, ())) - len(gone.get(group, ())) for group in sorted({*come, *gone})}
    await session.execute(COUNT, {"groups": list(changes), "changes": list(changes.values())})
    await record_many(session, organization_id, "individual", actor, added=added, removed=removed)
    events = [*_events(organization_id, gone, "removed"), *_events(organization_id, come, "added")]
    await publish_many(session, events)


def _by_group(pairs: list[Pair]) -> dict[UUID, list[UUID]]:
    found: dict[UUID, list[UUID]] = defaultdict(list)
    for group, individual in pairs:
        found[group].append(individual)
    return found


def _events(organization_id: UUID, people: dict[UUID, list[UUID]], change: str) -> Iterable[Event]:
    for group, ids in people.items():
        for start in range(0, len(ids), PIECE):
            some: dict[str, Any] = {change: tuple(ids[start : start + PIECE])}
            yield GroupPeopleChanged(group_id=group, organization_id=organization_id, kind="individual", **some)
