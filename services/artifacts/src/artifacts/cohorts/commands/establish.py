"""Making one cohort from its columns, and changing one: what the projects and learning dialects write.

v5 writes many at once, by name or id (create, update); these take what is already resolved.
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from contracts.artifacts import CohortCreated, CohortUpdated
from kernel import now
from messaging import publish
from sqlalchemy import Select
from sqlalchemy.ext.asyncio import AsyncSession

from artifacts.actors import Actor
from artifacts.cohorts import activities, rules
from artifacts.cohorts.activities import Activity, Entry, changed
from artifacts.cohorts.models import Cohort
from artifacts.organizations.commands import take_numbers
from artifacts.texts.commands import DESCRIPTION, NAME, found_texts

TEXTS = {"name": ("name_id", NAME), "description": ("description_id", DESCRIPTION)}


async def establish(
    session: AsyncSession,
    actor: Actor,
    values: Mapping[str, Any],
    *,
    activity: Activity = "created",
    changes: list[dict[str, Any]] | None = None,
    mcp: bool = False,
) -> Cohort:
    """Make a cohort. `values` are columns, and `name` and `description` as texts. Raises Forbidden."""
    rules.demand(actor, "create")
    columns = await _columns(session, actor.organization_id, values)
    (number,) = await take_numbers(session, actor.organization_id, "cohort", 1)
    cohort = Cohort(
        organization_id=actor.organization_id,
        number=number,
        mcp=mcp,
        created_by=actor.user_id,
        updated_by=actor.user_id,
        **columns,
    )
    session.add(cohort)
    await session.flush()
    await activities.note(
        session, actor.organization_id, [Entry(cohort.id, activity, changes or [])], actor=actor, mcp=mcp
    )
    await publish(
        session, CohortCreated(cohort_id=cohort.id, organization_id=actor.organization_id, number=number, mcp=mcp)
    )
    return cohort


async def change(
    session: AsyncSession,
    actor: Actor,
    cohort: Cohort,
    values: Mapping[str, Any],
    *,
    activity: Activity = "updated",
    mcp: bool = False,
) -> list[dict[str, Any]]:
    """Change a cohort whose row is locked, and tell of it; what is as it was leaves no trace.

    Returns what changed. Raises Forbidden.
    """
    rules.demand(actor, "edit")
    columns = await _columns(session, actor.organization_id, values)
    changes = [
        changed(name, before, after) for name, after in columns.items() if (before := getattr(cohort, name)) != after
    ]
    if not changes:
        return []
    for name, after in columns.items():
        setattr(cohort, name, after)
    await touch(session, actor, cohort, [Entry(cohort.id, activity, changes)], mcp=mcp)
    return changes


async def touch(
    session: AsyncSession, actor: Actor, cohort: Cohort, entries: list[Entry], *, mcp: bool = False
) -> None:
    """Count a write of a cohort whose row is locked, and tell of it."""
    cohort.version += 1
    cohort.updated_at = now()
    cohort.updated_by = actor.user_id
    await session.flush()
    await activities.note(session, actor.organization_id, entries, actor=actor, mcp=mcp)
    await publish(session, CohortUpdated(cohort_id=cohort.id, organization_id=actor.organization_id))


def held(statement: Select[Any]) -> Select[Any]:
    """A statement of cohorts whose rows are held until the transaction ends, read as they are then."""
    return statement.with_for_update(of=Cohort).execution_options(populate_existing=True)


async def _columns(session: AsyncSession, organization_id: UUID, values: Mapping[str, Any]) -> dict[str, Any]:
    """Columns, the texts among them as ids of texts."""
    columns = {name: value for name, value in values.items() if name not in TEXTS}
    given = {name: str(values[name]) for name in TEXTS if values.get(name)}
    known, _ = await found_texts(session, organization_id, [(TEXTS[name][1], text) for name, text in given.items()])
    for name, (column, kind) in TEXTS.items():
        if name in values:
            columns[column] = known[kind, given[name]] if name in given else None
    return columns
