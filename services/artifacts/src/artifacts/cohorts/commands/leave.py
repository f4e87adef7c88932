"""Leaving cohorts."""

from collections.abc import Sequence
from uuid import UUID

from contracts.artifacts import CohortUpdated
from kernel import NotFound
from messaging import publish_many
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from artifacts.actors import Actor
from artifacts.cohorts import activities, members, queries, rules
from artifacts.cohorts.activities import Entry
from artifacts.cohorts.commands.moves import follow, told
from artifacts.cohorts.models import Cohort, CohortMember
from artifacts.matching import among

FEWER = text("""
UPDATE cohorts c SET member_count = c.member_count - one.fewer, version = c.version + 1, updated_at = clock_timestamp()
  FROM unnest(CAST(:cohorts AS uuid[]), CAST(:fewer AS integer[])) AS one (id, fewer)
 WHERE c.id = one.id
""")


async def leave(session: AsyncSession, actor: Actor, cohort_id: UUID, *, mcp: bool = False) -> None:
    """The actor is no longer in a cohort. Raises Forbidden; NotFound to others than staff where they are not in it."""
    statement = queries.live(actor.organization_id).where(Cohort.id == cohort_id).with_for_update(of=Cohort)
    found = await queries.one(session, statement)
    own = await queries.cohorts_with(session, [cohort_id], actor.profile_id)
    if not own and not actor.is_staff:
        raise NotFound
    rules.demand(actor, "leave", is_member=bool(own), is_static=found.cohort.is_static)
    if actor.profile_id is not None:
        await _end(session, actor.organization_id, [actor.profile_id], [cohort_id], actor=actor, mcp=mcp)


async def drop_member(session: AsyncSession, organization_id: UUID, profile_id: UUID) -> None:
    """End a profile's time in every cohort."""
    await drop_members(session, organization_id, [profile_id])


async def drop_members(
    session: AsyncSession,
    organization_id: UUID,
    profile_ids: Sequence[UUID],
    *,
    actor: Actor | None = None,
    mcp: bool = False,
) -> None:
    """End the time of profiles in every cohort, in as many statements as for one."""
    present = among(CohortMember.profile_id, profile_ids), CohortMember.until.is_(None)
    within = Cohort.id.in_(select(CohortMember.cohort_id).where(*present))
    locked = select(Cohort.id).where(within).order_by(Cohort.id).with_for_update()
    await _end(session, organization_id, profile_ids, list(await session.scalars(locked)), actor=actor, mcp=mcp)


async def drop_from(session: AsyncSession, organization_id: UUID, profile_id: UUID, cohorts: Sequence[UUID]) -> None:
    """End a profile's time in some cohorts."""
    locked = select(Cohort.id).where(among(Cohort.id, cohorts)).order_by(Cohort.id).with_for_update()
    await _end(session, organization_id, [profile_id], list(await session.scalars(locked)), actor=None)


async def _end(
    session: AsyncSession,
    organization_id: UUID,
    profile_ids: Sequence[UUID],
    cohorts: Sequence[UUID],
    *,
    actor: Actor | None,
    mcp: bool = False,
) -> None:
    ended = await members.end(session, organization_id, profile_ids, cohorts) if cohorts else {}
    if not ended:
        return
    order = sorted(ended)
    values = {"cohorts": order, "fewer": [-ended[cohort_id].difference for cohort_id in order]}
    await session.execute(FEWER, values)
    entries = [Entry(cohort_id, "left", [ended[cohort_id].told()]) for cohort_id in order]
    await activities.note(session, organization_id, entries, actor=actor, mcp=mcp)
    events = [CohortUpdated(cohort_id=cohort_id, organization_id=organization_id) for cohort_id in order]
    await publish_many(session, [*told(organization_id, ended), *events])
    await follow(session, organization_id, ended)
