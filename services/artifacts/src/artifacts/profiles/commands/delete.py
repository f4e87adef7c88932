"""Deleting profiles, and making another like one."""

from collections.abc import Sequence
from uuid import UUID

from contracts.artifacts import ProfileDeleted
from kernel import Forbidden, NotFound, now, uuid7
from messaging import publish_many
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

import artifacts.cohorts.commands as cohorts
from artifacts import roles
from artifacts.actors import Actor
from artifacts.matching import among
from artifacts.organizations.commands import hold
from artifacts.outcomes import Outcome, Problem
from artifacts.persons.commands import follow_profiles
from artifacts.profiles import activities, rules
from artifacts.profiles.activities import Entry
from artifacts.profiles.commands.create import insert
from artifacts.profiles.commands.update import UNKNOWN, locked
from artifacts.profiles.models import Profile
from artifacts.profiles.resolving import Resolved, Wanted

SUFFIX = " (copy)"
LONGEST_NAME = 400


async def delete(
    session: AsyncSession, actor: Actor, identifiers: Sequence[UUID], *, mcp: bool = False
) -> list[Outcome]:
    """Take profiles out of the lists and of cohorts, an outcome an item in the items' order. Raises Forbidden.

    Somebody who still belongs to the organization comes back when orgs adds them anew.
    """
    rules.demand(actor, "delete")
    await hold(session, actor.organization_id)
    known = await locked(session, actor.organization_id, identifiers)
    outcomes: list[Outcome] = []
    gone: list[UUID] = []
    for identifier in identifiers:
        profile = known.pop(identifier, None)
        reason = (
            UNKNOWN if profile is None else rules.refusal(actor, "delete", role=profile.role, profile_id=identifier)
        )
        outcomes.append(Outcome(identifier, [Problem("profile_id", reason)] if reason else []))
        if reason is None:
            gone.append(identifier)
    if gone:
        values = {"removed_at": now(), "assigned_role": None}
        await session.execute(update(Profile).where(among(Profile.id, gone)).values(values))
        await follow_profiles(session, actor.organization_id, gone)
        await cohorts.drop_members(session, actor.organization_id, gone, actor=actor, mcp=mcp)
    entries = [Entry(key, "deleted") for key in gone]
    await activities.note(session, actor.organization_id, entries, actor=actor, mcp=mcp)
    await publish_many(session, [ProfileDeleted(profile_id=key, organization_id=actor.organization_id) for key in gone])
    return outcomes


async def duplicate(session: AsyncSession, actor: Actor, profile_id: UUID, *, mcp: bool = False) -> UUID:
    """Make a profile without a login with the same role, departments and limit; addresses stay with their owner.

    Raises Forbidden, NotFound.
    """
    rules.demand(actor, "duplicate")
    profile = (await locked(session, actor.organization_id, [profile_id])).get(profile_id)
    if profile is None:
        raise NotFound
    if reason := rules.refusal(actor, "duplicate", role=profile.role):
        raise Forbidden(reason)
    identifier = uuid7()
    copy = Resolved(
        wanted=Wanted(),
        name=f"{profile.name[: LONGEST_NAME - len(SUFFIX)]}{SUFFIX}",
        limit=profile.requests_per_day,
        is_in_use=profile.is_in_use,
        department_ids=profile.department_ids,
        role=roles.as_role(profile.role),
    )
    await insert(session, actor, {identifier: copy}, mcp=mcp)
    entry = Entry(identifier, "duplicated", [activities.changed("origin", None, str(profile_id))])
    await activities.note(session, actor.organization_id, [entry], actor=actor, mcp=mcp)
    return identifier
