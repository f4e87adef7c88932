"""`/api/v5/artifacts/personas/…`."""

from typing import Any

from chassis.arguments import Caller, JSONBody, Session
from contracts.permissions import COHORT_READ, COHORT_WRITE
from jsonapi import post

from artifacts import actors
from artifacts.headers import Mcp, is_mcp
from artifacts.library import commands
from artifacts.personas.kind import PERSONA
from artifacts.personas.v5 import shown
from artifacts.personas.v5.schemas import (
    CreatePersonas,
    DeletePersonas,
    GetPersona,
    ListPersonaApiPersona,
    PersonaList,
    PersonaResults,
    SearchPersonas,
    UpdatePersonas,
)

PATH = "/api/v5/artifacts/personas"
READ: dict[str, Any] = {"permission": COHORT_READ, "scope": "cohort:read", "status": 200, "tags": ["Personas (v5)"]}
WRITE: dict[str, Any] = {**READ, "permission": COHORT_WRITE, "scope": "cohort:write"}


@post(f"{PATH}/search", operation_id="searchPersonas", **READ, reads=True)
async def search(session: Session, principal: Caller, data: JSONBody[SearchPersonas]) -> PersonaList:
    """Search personas; the departments are counted under the search."""
    return await shown.search(session, await actors.staff(session, principal), data)


@post(f"{PATH}/get", operation_id="getPersona", **READ, reads=True)
async def get(session: Session, principal: Caller, data: JSONBody[GetPersona]) -> ListPersonaApiPersona:
    """Get a persona."""
    return await shown.get(session, await actors.staff(session, principal), data.persona_id)


@post(f"{PATH}/create", operation_id="createPersonas", **WRITE)
async def create(
    session: Session, principal: Caller, data: JSONBody[CreatePersonas], x_mcp: Mcp = None
) -> PersonaResults:
    """Make personas, with a result an item; an item with errors leaves nothing behind."""
    actor = await actors.actor(session, principal)
    wanted = [shown.wanted(item) for item in data.personas]
    outcomes = await commands.create(session, actor, PERSONA, wanted, mcp=is_mcp(x_mcp))
    return PersonaResults([shown.result(outcome, "created") for outcome in outcomes])


@post(f"{PATH}/update", operation_id="updatePersonas", **WRITE)
async def update(session: Session, principal: Caller, data: JSONBody[UpdatePersonas]) -> PersonaResults:
    """Change personas, with a result an item; an item with errors changes nothing."""
    actor = await actors.actor(session, principal)
    outcomes = await commands.change(session, actor, PERSONA, [shown.wanted(item) for item in data.personas], {})
    return PersonaResults([shown.result(outcome, "updated") for outcome in outcomes])


@post(f"{PATH}/delete", operation_id="deletePersonas", **WRITE)
async def delete(session: Session, principal: Caller, data: JSONBody[DeletePersonas]) -> PersonaResults:
    """Delete personas that nobody plays in a cohort, with a result an item."""
    actor = await actors.actor(session, principal)
    outcomes = await commands.delete(session, actor, PERSONA, data.persona_ids)
    return PersonaResults([shown.result(outcome, "deleted") for outcome in outcomes])


ROUTES = [search, get, create, update, delete]
