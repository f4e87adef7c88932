"""Making a cohort."""

from chassis.runtime import Runtime
from sqlalchemy.ext.asyncio import AsyncSession

import artifacts.cohorts.commands as core
from artifacts.actors import Actor
from artifacts.cohorts import rules
from artifacts.cohorts.calculations.commands import request
from artifacts.cohorts.projects import criteria
from artifacts.cohorts.projects.bodies import Written
from artifacts.cohorts.projects.commands.sources import demand_static, file_of, take_in


async def create(session: AsyncSession, runtime: Runtime, actor: Actor, written: Written) -> int:
    """Make a cohort; its people come soon. Returns its integer. Raises Forbidden, Invalid."""
    rules.demand(actor, "create")
    made_from = criteria.of_new(written)
    demand_static(written, is_static=made_from.is_static)
    await criteria.check(session, actor.organization_id, made_from, written.cohort_type)
    async with file_of(session, written) as ids:
        values = {
            **made_from.columns,
            "name": written.name or None,
            "description": written.description or None,
            "cohort_type": written.cohort_type or None,
            "source_type": "backend" if actor.user_id is None else "frontend",
        }
        cohort = await core.establish(session, actor, values, mcp=written.mcp)
        await take_in(session, runtime, actor, cohort, written, ids)
    if written.deleted is True:
        await core.delete(session, actor, [cohort.id], mcp=written.mcp)
    elif made_from.are_there or not made_from.is_static:
        await request(session, cohort)
    return cohort.number
