"""Individuals who come to a group and leave it."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from chassis.principal import Principal
from kernel import Conflict
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from orgs.access.queries import Reach, reach_of
from orgs.individual_group_logs.commands import record
from orgs.individual_groups.commands.kept import PUT, count, settle_unassigned
from orgs.individual_groups.commands.locking import hold, lock_groups, refuse_kept
from orgs.individual_groups.events import people_changed
from orgs.individual_groups.schemas import IndividualsToAdd, IndividualsToRemove
from orgs.individuals.queries import lock_of_organization

POINTER = "/individual-ids"
TAKE = text("""
DELETE FROM group_individuals WHERE group_id = :group_id AND individual_id = ANY(:individuals) RETURNING individual_id
""")
REGULAR = text("""
SELECT id, organization_id FROM individual_groups WHERE id = :id AND type = 'regular' FOR NO KEY UPDATE
""")


async def add_individuals(
    session: AsyncSession, principal: Principal, group_id: UUID, change: IndividualsToAdd
) -> None:
    """Put individuals into a group, and out of `remove_from_group` where it is named. Twice changes nothing."""
    organization_id = await hold(session, group_id, alone=False)
    reach = await reach_of(session, principal)
    source = change.remove_from_group if change.remove_from_group != group_id else None
    wanted: dict[UUID, str | None] = {group_id: None} | ({source: "/remove-from-group"} if source else {})
    groups = await lock_groups(session, reach, organization_id, wanted)
    for identifier, pointer in wanted.items():
        _check_holds(groups[identifier], pointer)
    ids = list(dict.fromkeys(change.individual_ids))
    await lock_of_organization(session, reach, organization_id, change.individual_ids, POINTER, need_write=True)
    if source:
        await _take(session, principal.user_id, organization_id, source, ids)
    await _put(session, principal.user_id, organization_id, group_id, ids)
    await settle_unassigned(session, organization_id, ids)


async def remove_individuals(
    session: AsyncSession, principal: Principal, group_id: UUID, change: IndividualsToRemove
) -> None:
    """Take individuals out of a group; who is not in it stays out."""
    organization_id = await hold(session, group_id, alone=False)
    reach = await reach_of(session, principal)
    groups = await lock_groups(session, reach, organization_id, {group_id: None})
    _check_holds(groups[group_id], None)
    ids = list(dict.fromkeys(change.individual_ids))
    await lock_of_organization(session, reach, organization_id, change.individual_ids, POINTER, need_write=False)
    await _take(session, principal.user_id, organization_id, group_id, ids)
    await settle_unassigned(session, organization_id, ids)


async def fill(
    session: AsyncSession, reach: Reach, organization_id: UUID, group_id: UUID, individuals: list[UUID], pointer: str
) -> None:
    """Put the first individuals into a group that the transaction has just made."""
    if individuals:
        await lock_of_organization(session, reach, organization_id, individuals, pointer, need_write=True)
        ids = list(dict.fromkeys(individuals))
        await _put(session, reach.user_id, organization_id, group_id, ids)
        await settle_unassigned(session, organization_id, ids)


async def empty(session: AsyncSession, reach: Reach, organization_id: UUID, group_id: UUID, ids: list[UUID]) -> None:
    """Take everybody out of a group that is about to go."""
    if ids:
        await lock_of_organization(session, reach, organization_id, ids, POINTER, need_write=False)
        await _take(session, reach.user_id, organization_id, group_id, ids)
        await settle_unassigned(session, organization_id, ids)


async def lock_regular(session: AsyncSession, group_id: UUID) -> UUID | None:
    """Lock a regular group; its organization's id, or None where there is no such group."""
    row = (await session.execute(REGULAR, {"id": group_id})).first()
    return row.organization_id if row else None


async def enroll(session: AsyncSession, organization_id: UUID, group_id: UUID, individuals: list[UUID]) -> None:
    """Put individuals into a group as the platform itself; the transaction holds forest, group and individuals."""
    await _put(session, None, organization_id, group_id, individuals)
    await settle_unassigned(session, organization_id, individuals)


async def _put(
    session: AsyncSession, actor: UUID | None, organization_id: UUID, group_id: UUID, ids: Sequence[UUID]
) -> None:
    values: dict[str, Any] = {"group_id": group_id, "individuals": list(ids)}
    added = list((await session.execute(PUT, values)).scalars())
    if added:
        await count(session, group_id, len(added))
        await record(session, organization_id, group_id, "individual", actor, added=added)
        await people_changed(session, group_id, organization_id, "individual", added=added)


async def _take(
    session: AsyncSession, actor: UUID | None, organization_id: UUID, group_id: UUID, ids: Sequence[UUID]
) -> None:
    values: dict[str, Any] = {"group_id": group_id, "individuals": list(ids)}
    removed = list((await session.execute(TAKE, values)).scalars())
    if removed:
        await count(session, group_id, -len(removed))
        await record(session, organization_id, group_id, "individual", actor, removed=removed)
        await people_changed(session, group_id, organization_id, "individual", removed=removed)


def _check_holds(row: Any, pointer: str | None) -> None:
    refuse_kept(row, pointer)
    if row.type == "provider_only":
        raise Conflict("The group is for staff only.", pointer=pointer, code="provider-only")
