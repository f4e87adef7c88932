"""Changing a cohort, deleting it and bringing it back."""

from typing import Any

from chassis.runtime import Runtime
from kernel import Invalid
from sqlalchemy.ext.asyncio import AsyncSession

import artifacts.cohorts.commands as core
from artifacts.actors import Actor
from artifacts.cohorts import rules
from artifacts.cohorts.calculations.commands import HOLD_GRAPH, follow, request
from artifacts.cohorts.models import Cohort
from artifacts.cohorts.projects import criteria
from artifacts.cohorts.projects.bodies import Written
from artifacts.cohorts.projects.commands.sources import demand_static, file_of, held, take_in
from artifacts.cohorts.projects.criteria import Criteria

DELETED = "The cohort is deleted. Bring it back first."


async def update(session: AsyncSession, runtime: Runtime, actor: Actor, number: int, written: Written) -> None:
    """Change a cohort; a dynamic one is calculated anew, whatever changed. Raises Forbidden, Invalid, NotFound.

    Cohorts that name each other are held in one order: first what names what, then the row.
    """
    rules.demand(actor, "edit")
    async with file_of(session, written) as ids:
        await session.execute(HOLD_GRAPH, {"organization_id": actor.organization_id})
        cohort = await held(session, actor.organization_id, number)
        made_from = criteria.of_change(written, cohort)
        demand_static(written, is_static=made_from.is_static)
        await criteria.check(session, actor.organization_id, made_from, written.cohort_type, cohort.id)
        stays_deleted = cohort.deleted_at is not None and written.deleted is not False
        if stays_deleted and (ids is not None or written.person_ids):
            raise Invalid(DELETED, pointer="deleted")
        was_static = cohort.is_static
        values = await _values(session, actor, written, made_from, cohort)
        await core.change(session, actor, cohort, values, mcp=written.mcp)
        await _delete_or_restore(session, actor, cohort, written)
        await take_in(session, runtime, actor, cohort, written, ids)
    await _calculate(session, cohort, written, was_static=was_static)


async def _values(
    session: AsyncSession, actor: Actor, written: Written, made_from: Criteria, cohort: Cohort
) -> dict[str, Any]:
    values = {name: getattr(written, name) or None for name in ("name", "description") if written.said(name)}
    values |= made_from.columns
    if written.said("cohort_type"):
        values["cohort_type"] = written.cohort_type
    elif cohort.cohort_type is not None:
        fits = cohort.cohort_type == await criteria.type_of(session, actor.organization_id, made_from)
        values["cohort_type"] = cohort.cohort_type if fits else None
    return values


async def _delete_or_restore(session: AsyncSession, actor: Actor, cohort: Cohort, written: Written) -> None:
    if written.deleted is True and cohort.deleted_at is None:
        (outcome,) = await core.delete(session, actor, [cohort.id], mcp=written.mcp)
        if outcome.problems:
            raise Invalid(outcome.problems[0].message, pointer="deleted", code="in_use")
        await session.refresh(cohort)
    elif written.deleted is False and cohort.deleted_at is not None:
        await core.restore(session, actor, cohort)


async def _calculate(session: AsyncSession, cohort: Cohort, written: Written, *, was_static: bool) -> None:
    if cohort.deleted_at is not None:
        return
    if not cohort.is_static or (written.said("query") and cohort.query is not None):
        await request(session, cohort)
    elif not was_static:
        await follow(session, cohort)
