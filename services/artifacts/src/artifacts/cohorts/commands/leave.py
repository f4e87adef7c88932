"""Leaving cohorts."""

from collections.abc import Sequence
from uuid import UUID

from contracts.artifacts import CohortUpdated
from kernel import NotFound
from messaging import publish_many
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from artifacts.actors import Actor
from artifacts.cohorts import activities, members, queries, rules
from artifacts.cohorts.activities import Entry
from artifacts.cohorts.members import Change
from artifacts.cohorts.models import Cohort, CohortMember
from artifacts.matching import among


async def leave(session: AsyncSession, actor: Actor, cohort_id: UUID, *, mcp: bool = False) -> None:
    """The actor is no longer in a cohort. Raises Forbidden; NotFound to others than staff where they are not in it."""
    statement = queries.live(actor.organization_id).where(Cohort.id == cohort_id).with_for_update(of=Cohort)
    found = await queries.one(session, statement)
    own = await queries.cohorts_with(session, [cohort_id], actor.profile_id)
    if not own and not actor.is_staff:
        raise NotFound
    rules.demand(actor, "leave", is_member=bool(own), is_static=found.cohort.is_static)
    if actor.profile_id is not None:
        await _end(session, actor.organization_id, actor.profile_id, [cohort_id], actor=actor, mcp=mcp)


async def drop_member(session: AsyncSession, organization_id: UUID, profile_id: UUID) -> None:
    """End a profile's time in every cohort."""
    present = select(CohortMember.cohort_id).where(CohortMember.profile_id == profile_id, CohortMember.until.is_(None))
    locked = select(Cohort.id).where(Cohort.id.in_(present)).order_by(Cohort.id).with_for_update()
    await _end(session, organization_id, profile_id, list(await session.scalars(locked)), actor=None)


async def _end(
    session: AsyncSession,
    organization_id: UUID,
    profile_id: UUID,
    cohorts: Sequence[UUID],
    *,
    actor: Actor | None,
    mcp: bool = False,
) -> None:
    ended = sorted(await members.end(session, organization_id, profile_id, cohorts))
    if not ended:
        return
    fewer = {"member_count": Cohort.member_count - 1, "version": Cohort.version + 1}
    await session.execute(update(Cohort).where(among(Cohort.id, ended)).values(fewer))
    entries = [Entry(cohort_id, "left", [Change(removed=[profile_id]).told()]) for cohort_id in ended]
    await activities.note(session, organization_id, entries, actor=actor, mcp=mcp)
    events = [CohortUpdated(cohort_id=cohort_id, organization_id=organization_id) for cohort_id in ended]
    await publish_many(session, events)
