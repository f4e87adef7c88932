"""Simulations as the v5 dialect shows them, and its items as the core takes them."""

from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from artifacts.actors import Actor
from artifacts.library import queries, rules
from artifacts.library.kinds import Item
from artifacts.library.queries import Filters
from artifacts.library.v5 import section, told
from artifacts.outcomes import Outcome
from artifacts.simulations.commands import Wanted
from artifacts.simulations.kind import SIMULATION
from artifacts.simulations.models import Simulation, SimulationAvailability, SimulationPosition
from artifacts.simulations.v5.schemas import (
    CreateSimulationItem,
    ListSimulationApiSimulation,
    SearchSimulations,
    SimulationDetail,
    SimulationList,
    SimulationOpening,
    SimulationPlace,
    SimulationResultItem,
    UpdateSimulationItem,
)
from artifacts.v5.paging import page


async def search(session: AsyncSession, actor: Actor, wanted: SearchSimulations) -> SimulationList:
    """A page of simulations by name, with the filter."""
    filters = Filters(
        organization_id=actor.organization_id,
        search=wanted.search or "",
        department_ids=wanted.filter_department_ids,
    )
    found = await queries.page(session, SIMULATION, filters, page(wanted.page_size, wanted.page_offset))
    used = await queries.uses(session, SIMULATION, actor.organization_id, [row.id for row in found.rows])
    options = await queries.departments(session, SIMULATION, filters, wanted.department_search or "")
    return SimulationList(
        actor_name=actor.name,
        user_role=actor.role,
        simulations=[ListSimulationApiSimulation(**_fields(actor, row, used)) for row in found.rows],
        department_filter=section(options, filters, wanted.department_search or ""),
        total_count=found.total,
    )


async def get(session: AsyncSession, actor: Actor, simulation_id: UUID) -> SimulationDetail:
    """A simulation with its places and windows. Raises NotFound."""
    row: Simulation = await queries.one(session, SIMULATION, actor.organization_id, simulation_id)
    used = await queries.uses(session, SIMULATION, actor.organization_id, [row.id])
    places = select(SimulationPosition).where(SimulationPosition.simulation_id == row.id)
    windows = select(SimulationAvailability).where(SimulationAvailability.simulation_id == row.id)
    by_time = (SimulationAvailability.time, SimulationAvailability.id)
    return SimulationDetail(
        actor_name=actor.name,
        positions=[
            SimulationPlace(id=one.id, value=one.value)
            for one in await session.scalars(places.order_by(SimulationPosition.value))
        ],
        availability=[
            SimulationOpening(id=one.id, time=one.time, type=one.type)
            for one in await session.scalars(windows.order_by(*by_time))
        ],
        **_fields(actor, row, used),
    )


def wanted(item: CreateSimulationItem | UpdateSimulationItem) -> Wanted:
    """An item as the core takes it."""
    new = isinstance(item, CreateSimulationItem)
    description = item.description or "" if new else item.description
    return Wanted(
        item=Item(
            id=item.id if isinstance(item, CreateSimulationItem) else item.simulation_id,
            values={"name": item.name, "description": description},
            department_ids=item.department_ids,
            departments=item.departments,
        ),
        positions=item.positions,
        availability=None if item.availability is None else [(one.time, one.type) for one in item.availability],
    )


def result(outcome: Outcome, done: str) -> SimulationResultItem:
    """What became of an item."""
    success, message, errors = told(outcome, "simulation", done)
    return SimulationResultItem(success=success, simulation_id=outcome.id, message=message, errors=errors)


def _fields(actor: Actor, row: Simulation, used: dict[UUID, int]) -> dict[str, Any]:
    uses = used.get(row.id, 0)
    reason = rules.refusal(actor, "delete", uses=uses)
    return {
        "simulation_id": row.id,
        "name": row.name,
        "description": row.description,
        "department_ids": row.department_ids,
        "generated": row.generated,
        "mcp": row.mcp,
        "usage_count": uses,
        "can_edit": rules.refusal(actor, "edit") is None,
        "can_delete": reason is None,
        "disabled_reason": reason,
        "updated_at": row.updated_at,
    }
