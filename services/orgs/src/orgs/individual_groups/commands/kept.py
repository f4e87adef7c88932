"""The two groups that the platform keeps in every organization: everybody, and those in no regular group."""

from collections.abc import Sequence
from uuid import UUID

from contracts.orgs import GroupCreated
from kernel import uuid7
from messaging import publish
from sqlalchemy import insert, text
from sqlalchemy.ext.asyncio import AsyncSession

from orgs.individual_groups.events import people_changed
from orgs.individual_groups.models import Group

NAMES = {"all_participants": "All participants", "unassigned": "Unassigned"}

FIND = text("SELECT type, id FROM individual_groups WHERE organization_id = :organization_id AND type = ANY(:types)")
PUT = text("""
INSERT INTO group_individuals (group_id, individual_id)
SELECT :group_id, unnest(CAST(:individuals AS uuid[]))
ON CONFLICT DO NOTHING RETURNING individual_id
""")
PUT_NEW = text("""
INSERT INTO group_individuals (group_id, individual_id) SELECT :group_id, unnest(CAST(:individuals AS uuid[]))
""")
COUNT = text("""
UPDATE individual_groups SET individuals_count = individuals_count + :change, updated_at = clock_timestamp()
WHERE id = :group_id
""")
SETTLE = text("""
WITH seen AS MATERIALIZED (
    SELECT i.id, EXISTS (
        SELECT FROM group_individuals h JOIN individual_groups g ON g.id = h.group_id AND g.type = 'regular'
        WHERE h.individual_id = i.id) AS held
    FROM unnest(CAST(:individuals AS uuid[])) AS i(id)
), gone AS (
    DELETE FROM group_individuals
    WHERE group_id = :group_id AND individual_id IN (SELECT id FROM seen WHERE held) RETURNING individual_id
), come AS (
    INSERT INTO group_individuals (group_id, individual_id) SELECT :group_id, id FROM seen WHERE NOT held
    ON CONFLICT DO NOTHING RETURNING individual_id
)
SELECT 'removed' AS change, individual_id FROM gone UNION ALL SELECT 'added', individual_id FROM come
""")


async def create_kept(session: AsyncSession, organization_id: UUID) -> None:
    """Make the kept groups of a new organization."""
    for kind, name in NAMES.items():
        group_id = uuid7()
        values = {"id": group_id, "organization_id": organization_id, "name": name, "node_type": "group", "type": kind}
        await session.execute(insert(Group).values(**values, path=[], tags=[]))
        told = GroupCreated(
            group_id=group_id, organization_id=organization_id, parent_id=None, name=name, node_type="group", type=kind
        )
        await publish(session, told)


async def take_in(session: AsyncSession, organization_id: UUID, individuals: Sequence[UUID]) -> None:
    """Put new individuals of an organization into its kept groups."""
    kept = await _kept(session, organization_id)
    for kind in ("all_participants", "unassigned"):
        values = {"group_id": kept[kind], "individuals": list(individuals)}
        added = list((await session.execute(PUT, values)).scalars())
        await _changed(session, kept[kind], organization_id, added, [])


async def take_in_all(
    session: AsyncSession, organization_id: UUID, individuals: Sequence[UUID], unassigned: Sequence[UUID]
) -> None:
    """Put individuals whom the transaction has made into the kept groups: all, and those who are in no other group."""
    kept = await _kept(session, organization_id)
    for kind, people in (("all_participants", individuals), ("unassigned", unassigned)):
        if people:
            await session.execute(PUT_NEW, {"group_id": kept[kind], "individuals": list(people)})
            await _changed(session, kept[kind], organization_id, list(people), [])


async def settle_unassigned(session: AsyncSession, organization_id: UUID, individuals: Sequence[UUID]) -> None:
    """Bring the group of the unassigned up to date for individuals whose rows the transaction has locked."""
    if not individuals:
        return
    group_id = (await _kept(session, organization_id))["unassigned"]
    values = {"group_id": group_id, "individuals": list(individuals)}
    changed: dict[str, list[UUID]] = {"added": [], "removed": []}
    for change, individual in await session.execute(SETTLE, values):
        changed[change].append(individual)
    await _changed(session, group_id, organization_id, changed["added"], changed["removed"])


async def count(session: AsyncSession, group_id: UUID, change: int) -> None:
    """Add to a group's count of individuals; the group counts as modified."""
    await session.execute(COUNT, {"group_id": group_id, "change": change})


async def _changed(
    session: AsyncSession, group_id: UUID, organization_id: UUID, added: list[UUID], removed: list[UUID]
) -> None:
    if added or removed:
        await count(session, group_id, len(added) - len(removed))
        await people_changed(session, group_id, organization_id, "individual", added=added, removed=removed)


async def _kept(session: AsyncSession, organization_id: UUID) -> dict[str, UUID]:
    values = {"organization_id": organization_id, "types": list(NAMES)}
    return {row.type: row.id for row in await session.execute(FIND, values)}
