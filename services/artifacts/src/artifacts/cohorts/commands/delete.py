"""Deleting cohorts: they leave the lists, and their rows stay."""

from collections.abc import Sequence
from uuid import UUID

from contracts.artifacts import CohortDeleted
from messaging import publish_many
from sqlalchemy import func, update
from sqlalchemy.ext.asyncio import AsyncSession

from artifacts.actors import Actor
from artifacts.cohorts import activities, members, rules
from artifacts.cohorts.activities import Entry
from artifacts.cohorts.commands.update import UNKNOWN, locked
from artifacts.cohorts.models import Cohort
from artifacts.matching import among
from artifacts.outcomes import Outcome, Problem


async def delete(
    session: AsyncSession, actor: Actor, identifiers: Sequence[UUID], *, mcp: bool = False
) -> list[Outcome]:
    """Delete cohorts, an outcome an item in the items' order. Members stay in the rows. Raises Forbidden."""
    rules.demand(actor, "delete")
    known = await locked(session, actor.organization_id, identifiers)
    if known:
        values = {
            "deleted_at": func.clock_timestamp(),
            "deleted_by": actor.user_id,
            "updated_by": actor.user_id,
            "experiment_set": [],
            "version": Cohort.version + 1,
        }
        await session.execute(update(Cohort).where(among(Cohort.id, known)).values(values))
        await members.hide(session, actor.organization_id, list(known))
    entries = [Entry(identifier, "deleted") for identifier in known]
    await activities.note(session, actor.organization_id, entries, actor=actor, mcp=mcp)
    events = [CohortDeleted(cohort_id=key, organization_id=actor.organization_id) for key in known]
    await publish_many(session, events)
    gone: set[UUID] = set()
    outcomes: list[Outcome] = []
    for identifier in identifiers:
        found = identifier in known and identifier not in gone
        gone.add(identifier)
        outcomes.append(Outcome(identifier, [] if found else [Problem("cohort_id", UNKNOWN)]))
    return outcomes
