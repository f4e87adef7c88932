"""`/api/v5/artifacts/cohorts/…`."""

from typing import Any

from chassis.arguments import Caller, JSONBody, Session
from contracts.permissions import COHORT_READ, COHORT_WRITE
from jsonapi import post

from artifacts import actors
from artifacts.cohorts import commands
from artifacts.cohorts.resolving import Wanted
from artifacts.cohorts.v5 import forms, searching
from artifacts.cohorts.v5.form_schemas import CohortForm, GetCohort
from artifacts.cohorts.v5.schemas import (
    CohortList,
    CohortResultItem,
    CohortResults,
    CreateCohortItem,
    CreateCohorts,
    SearchCohorts,
)
from artifacts.headers import Mcp, is_mcp
from artifacts.v5.schemas import field_errors

PATH = "/api/v5/artifacts/cohorts"
READ, WRITE = "cohort:read", "cohort:write"
TAGS = ["Cohorts (v5)"]


@post(f"{PATH}/search", operation_id="searchCohorts", permission=COHORT_READ, scope=READ, status=200, tags=TAGS)
async def search(session: Session, principal: Caller, data: JSONBody[SearchCohorts]) -> CohortList:
    """Search cohorts; each filter's choices are counted under the other filters."""
    return await searching.search(session, await actors.staff(session, principal), data)


@post(f"{PATH}/get", operation_id="getCohort", permission=COHORT_READ, scope=READ, status=200, tags=TAGS)
async def get(session: Session, principal: Caller, data: JSONBody[GetCohort]) -> CohortForm:
    """Get a cohort as a form, or an empty form."""
    return await forms.get(session, await actors.staff(session, principal), data)


@post(f"{PATH}/create", operation_id="createCohorts", permission=COHORT_WRITE, scope=WRITE, status=200, tags=TAGS)
async def create(
    session: Session, principal: Caller, data: JSONBody[CreateCohorts], x_mcp: Mcp = None
) -> CohortResults:
    """Make cohorts, with a result an item; an item with errors leaves nothing behind."""
    actor = await actors.actor(session, principal)
    outcomes = await commands.create(session, actor, [_wanted(item) for item in data.cohorts], mcp=is_mcp(x_mcp))
    return CohortResults([_result(outcome) for outcome in outcomes])


def _wanted(item: CreateCohortItem) -> Wanted:
    shared = set(Wanted.__struct_fields__) & set(CreateCohortItem.__struct_fields__)
    given: dict[str, Any] = {name: getattr(item, name) for name in shared}
    given |= {"flag_id": item.flag_id or item.active_flag_id, "is_active": item.active_flag}
    return Wanted(**given)


def _result(outcome: commands.Outcome) -> CohortResultItem:
    message = "The cohort was not created." if outcome.problems else "The cohort was created."
    errors = field_errors(outcome.problems)
    return CohortResultItem(success=not errors, cohort_id=outcome.cohort_id, message=message, errors=errors)


ROUTES = [search, get, create]
