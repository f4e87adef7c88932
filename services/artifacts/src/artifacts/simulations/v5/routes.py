"""`/api/v5/artifacts/simulations/…`."""

from typing import Any

from chassis.arguments import Caller, JSONBody, Session
from contracts.permissions import COHORT_READ, COHORT_WRITE
from jsonapi import post

from artifacts import actors
from artifacts.headers import Mcp, is_mcp
from artifacts.library import commands as library
from artifacts.simulations import commands
from artifacts.simulations.kind import SIMULATION
from artifacts.simulations.v5 import shown
from artifacts.simulations.v5.schemas import (
    CreateSimulations,
    DeleteSimulations,
    GetSimulation,
    SearchSimulations,
    SimulationDetail,
    SimulationList,
    SimulationResults,
    UpdateSimulations,
)

PATH = "/api/v5/artifacts/simulations"
READ: dict[str, Any] = {
    "permission": COHORT_READ,
    "scope": "cohort:read",
    "status": 200,
    "tags": ["Simulations (v5)"],
}
WRITE: dict[str, Any] = {**READ, "permission": COHORT_WRITE, "scope": "cohort:write"}


@post(f"{PATH}/search", operation_id="searchSimulations", **READ, reads=True)
async def search(session: Session, principal: Caller, data: JSONBody[SearchSimulations]) -> SimulationList:
    """Search simulations; the departments are counted under the search."""
    return await shown.search(session, await actors.staff(session, principal), data)


@post(f"{PATH}/get", operation_id="getSimulation", **READ, reads=True)
async def get(session: Session, principal: Caller, data: JSONBody[GetSimulation]) -> SimulationDetail:
    """Get a simulation with the places and times that cohorts choose from."""
    return await shown.get(session, await actors.staff(session, principal), data.simulation_id)


@post(f"{PATH}/create", operation_id="createSimulations", **WRITE)
async def create(
    session: Session, principal: Caller, data: JSONBody[CreateSimulations], x_mcp: Mcp = None
) -> SimulationResults:
    """Make simulations, with a result an item; an item with errors leaves nothing behind."""
    actor = await actors.actor(session, principal)
    wanted = [shown.wanted(item) for item in data.simulations]
    outcomes = await commands.create(session, actor, wanted, mcp=is_mcp(x_mcp))
    return SimulationResults([shown.result(outcome, "created") for outcome in outcomes])


@post(f"{PATH}/update", operation_id="updateSimulations", **WRITE)
async def update(session: Session, principal: Caller, data: JSONBody[UpdateSimulations]) -> SimulationResults:
    """Change simulations, with a result an item. A place or time that a cohort has chosen cannot be taken away."""
    actor = await actors.actor(session, principal)
    outcomes = await commands.update(session, actor, [shown.wanted(item) for item in data.simulations])
    return SimulationResults([shown.result(outcome, "updated") for outcome in outcomes])


@post(f"{PATH}/delete", operation_id="deleteSimulations", **WRITE)
async def delete(session: Session, principal: Caller, data: JSONBody[DeleteSimulations]) -> SimulationResults:
    """Delete simulations that no cohort has, with a result an item."""
    actor = await actors.actor(session, principal)
    outcomes = await library.delete(session, actor, SIMULATION, data.simulation_ids)
    return SimulationResults([shown.result(outcome, "deleted") for outcome in outcomes])


ROUTES = [search, get, create, update, delete]
