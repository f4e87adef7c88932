"""Acting as somebody else, and ceasing to."""

from datetime import datetime, timedelta
from uuid import UUID

import msgspec
from chassis.principal import Principal
from contracts.artifacts import EmulationEnded, EmulationStarted
from kernel import Forbidden, NotFound, now, uuid7
from messaging import publish
from prometheus_client import Counter
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from artifacts import actors
from artifacts.actors import Actor
from artifacts.emulations import rules
from artifacts.emulations.models import Emulation
from artifacts.emulations.queries import Link, standing
from artifacts.organizations.commands import hold
from artifacts.profiles import activities
from artifacts.profiles.activities import Entry
from artifacts.profiles.models import Profile

NOTHING = "You act as nobody else."

emulated = Counter(
    "muster_artifacts_emulations", "Grants to act as another profile, by what became of them", ["result"]
)


class Granted(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a wish to act as somebody: the grant, or the reason why not."""

    reason: str | None = None
    grant_id: UUID | None = None
    expires_at: datetime | None = None


async def emulate(
    session: AsyncSession, principal: Principal, target_id: UUID, lives: timedelta, *, mcp: bool = False
) -> Granted:
    """Let the session act as a profile, within whomever it acts as already; an inner grant ends with the outer one.

    Raises Forbidden to machines, NotFound for a profile that the organization does not have.
    """
    session_id = _session_of(principal)
    await hold(session, str(session_id))
    actor = await actors.actor(session, principal)
    target = await _target(session, actor.organization_id, target_id)
    reason = _refusal(actor, target)
    emulated.labels("refused" if reason else "granted").inc()
    if reason is not None:
        return Granted(reason=reason)
    stale = [link for link in await standing(session, actor.organization_id, session_id) if not _counts(actor, link)]
    await _end(session, actor, stale)
    until = min([now() + lives, *(link.grant.expires_at for link in actor.links)])
    grant = Emulation(
        id=uuid7(),
        organization_id=actor.organization_id,
        user_id=principal.user_id,
        session_id=session_id,
        depth=len(actor.links) + 1,
        by_profile_id=actor.profile_id,
        target_profile_id=target.id,
        expires_at=until,
    )
    session.add(grant)
    await session.flush()
    entry = Entry(target.id, "emulated", [activities.changed("depth", grant.depth - 1, grant.depth)])
    await activities.note(session, actor.organization_id, [entry], actor=actor, mcp=mcp)
    await publish(session, _started(actor, grant, target))
    return Granted(grant_id=grant.id, expires_at=until)


async def unemulate(session: AsyncSession, principal: Principal, *, mcp: bool = False) -> str | None:
    """End the innermost grant of the session that counts, and what counts no more. Returns the reason why not."""
    session_id = _session_of(principal)
    await hold(session, str(session_id))
    actor = await actors.actor(session, principal)
    links = await standing(session, actor.organization_id, session_id)
    await _end(session, actor, [link for link in links if not _counts(actor, link)])
    if not actor.links:
        return NOTHING
    innermost = actor.links[-1]
    await _end(session, actor, [innermost])
    entry = Entry(innermost.target.id, "unemulated")
    await activities.note(session, actor.organization_id, [entry], actor=actor, mcp=mcp)
    return None


def _session_of(principal: Principal) -> UUID:
    if principal.session_id is None or principal.user_id is None or principal.scopes is not None:
        raise Forbidden("Only a person who signed in acts as somebody else.", code="session-required")
    if principal.impersonator is not None:
        raise Forbidden("Nobody may do this in another person's name.", code="impersonated")
    return principal.session_id


def _refusal(actor: Actor, target: Profile) -> str | None:
    if target.id in {actor.signed_in.profile_id, actor.profile_id, *actor.emulated}:
        return rules.RING
    if len(actor.links) >= rules.DEEPEST:
        return rules.TOO_DEEP
    return rules.refusal(actor.role, actor.department_ids, target)


def _counts(actor: Actor, link: Link) -> bool:
    return any(link.grant.id == one.grant.id for one in actor.links)


async def _end(session: AsyncSession, actor: Actor, links: list[Link]) -> None:
    for link in links:
        link.grant.ended_at = now()
        event = EmulationEnded(
            emulation_id=link.grant.id,
            organization_id=actor.organization_id,
            user_id=link.grant.user_id,
            target_profile_id=link.target.id,
            target_user_id=link.target.user_id,
        )
        await publish(session, event)
    await session.flush()


def _started(actor: Actor, grant: Emulation, target: Profile) -> EmulationStarted:
    return EmulationStarted(
        emulation_id=grant.id,
        organization_id=grant.organization_id,
        user_id=grant.user_id,
        session_id=grant.session_id,
        profile_ids=(*actor.emulated, target.id),
        expires_at=grant.expires_at,
        target_user_id=target.user_id,
    )


async def _target(session: AsyncSession, organization_id: UUID, profile_id: UUID) -> Profile:
    statement = select(Profile).where(
        Profile.id == profile_id, Profile.organization_id == organization_id, Profile.removed_at.is_(None)
    )
    found = (await session.scalars(statement)).one_or_none()
    if found is None:
        raise NotFound("There is no such profile.")
    return found
