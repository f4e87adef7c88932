"""Letting people into a static cohort by hand, and out of it."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from artifacts.actors import Actor
from artifacts.cohorts import members, rules
from artifacts.cohorts.activities import Entry
from artifacts.cohorts.commands.establish import touch
from artifacts.cohorts.commands.moves import tell
from artifacts.cohorts.members import Change
from artifacts.cohorts.models import Cohort


async def add_people(session: AsyncSession, actor: Actor, cohort: Cohort, person_ids: Sequence[UUID]) -> int:
    """Let persons into a static cohort whose row is locked. Returns how many were not in it. Raises Forbidden."""
    rules.demand(actor, "edit")
    moved = await members.enter(session, actor.organization_id, {cohort.id: person_ids}, "hand")
    change = moved.get(cohort.id, Change())
    if change.added:
        cohort.member_count += len(change.added)
        await touch(session, actor, cohort, [Entry(cohort.id, "persons_added_manually", [change.told()])])
        await tell(session, actor.organization_id, moved)
    return len(change.added)


async def remove_person(session: AsyncSession, actor: Actor, cohort: Cohort, person_id: UUID) -> bool:
    """Let a person leave a static cohort whose row is locked; False for who is not in it. Raises Forbidden."""
    rules.demand(actor, "edit")
    moved = await members.end(session, actor.organization_id, [person_id], [cohort.id])
    if not moved:
        return False
    cohort.member_count -= 1
    await touch(session, actor, cohort, [Entry(cohort.id, "person_removed_manually", [moved[cohort.id].told()])])
    await tell(session, actor.organization_id, moved)
    return True
