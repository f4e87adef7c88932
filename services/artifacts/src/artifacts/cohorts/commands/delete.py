"""Deleting cohorts: they leave the lists, and their rows stay."""

from collections.abc import Sequence
from uuid import UUID

from contracts.artifacts import CohortDeleted
from messaging import publish_many
from sqlalchemy import func, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from artifacts.actors import Actor
from artifacts.cohorts import activities, members, rules
from artifacts.cohorts.activities import Entry, changed
from artifacts.cohorts.commands.establish import touch
from artifacts.cohorts.commands.update import UNKNOWN, locked
from artifacts.cohorts.models import Cohort
from artifacts.cohorts.using import refusal, users
from artifacts.matching import among
from artifacts.outcomes import Outcome, Problem

FORGET = text("DELETE FROM cohort_mentions WHERE cohort_id = ANY(CAST(:cohorts AS uuid[]))")
"""A cohort that is not there follows nothing."""


async def delete(
    session: AsyncSession, actor: Actor, identifiers: Sequence[UUID], *, mcp: bool = False
) -> list[Outcome]:
    """Delete cohorts, an outcome an item in the items' order. Members stay in the rows. Raises Forbidden.

    What the filters of another cohort name, one that is not deleted with it, is not deleted.
    """
    rules.demand(actor, "delete")
    known = set(await locked(session, actor.organization_id, identifiers))
    needed = await _needed(session, actor.organization_id, known)
    known -= needed.keys()
    if known:
        values = {
            "deleted_at": func.clock_timestamp(),
            "deleted_by": actor.user_id,
            "updated_by": actor.user_id,
            "experiment_set": [],
            "version": Cohort.version + 1,
        }
        await session.execute(update(Cohort).where(among(Cohort.id, known)).values(values))
        await session.execute(FORGET, {"cohorts": list(known)})
        await members.hide(session, actor.organization_id, list(known))
    entries = [Entry(identifier, "deleted", [changed("deleted", before=False, after=True)]) for identifier in known]
    await activities.note(session, actor.organization_id, entries, actor=actor, mcp=mcp)
    events = [CohortDeleted(cohort_id=key, organization_id=actor.organization_id) for key in known]
    await publish_many(session, events)
    gone: set[UUID] = set()
    outcomes: list[Outcome] = []
    for identifier in identifiers:
        found = identifier in known and identifier not in gone
        gone.add(identifier)
        reason = needed.get(identifier, UNKNOWN)
        outcomes.append(Outcome(identifier, [] if found else [Problem("cohort_id", reason)]))
    return outcomes


async def restore(session: AsyncSession, actor: Actor, cohort: Cohort) -> None:
    """Bring a deleted cohort, whose row is locked, back with its members. Raises Forbidden."""
    rules.demand(actor, "edit")
    cohort.deleted_at = cohort.deleted_by = None
    await members.show(session, actor.organization_id, [cohort.id])
    await touch(session, actor, cohort, [Entry(cohort.id, "restored", [changed("deleted", before=True, after=False)])])


async def _needed(session: AsyncSession, organization_id: UUID, chosen: set[UUID]) -> dict[UUID, str]:
    """Those of some cohorts that others need, with the reason; who needs one is deleted before it or with it."""
    using = await users(session, organization_id, chosen)
    needed: dict[UUID, str] = {}
    while found := {
        key: reason
        for key, by in using.items()
        if key not in needed and (reason := refusal([one for one in by if one.id not in chosen - needed.keys()]))
    }:
        needed |= found
    return needed
