"""Who is in a cohort: `…/persons`, and letting people into a static one and out of it."""

from typing import Any

from chassis.arguments import Caller, FromPath, JSONBody, Parameters, Process, Session
from contracts.permissions import COHORT_READ, COHORT_WRITE
from jsonapi import get, patch
from litestar import Request, Response

from artifacts import actors
from artifacts.cohorts.projects import commands, persons_answers
from artifacts.cohorts.projects.caller import ONE, READ, TAGS, WRITE, address, staff
from artifacts.cohorts.projects.described import PersonsOperation
from artifacts.cohorts.projects.persons import demand_scope
from artifacts.cohorts.projects.schemas import ManyPersons, OnePerson, PersonQuery, ProjectPersons, Success

AnyRequest = Request[Any, Any, Any]
ADD, REMOVE = f"{ONE}/add_persons_to_static_cohort", f"{ONE}/remove_person_from_static_cohort"


@get(
    f"{ONE}/persons",
    operation_id="listProjectCohortPersons",
    permission=COHORT_READ,
    scope=READ,
    query=PersonQuery,
    operation_class=PersonsOperation,
    tags=TAGS,
)
async def list_persons(
    request: AnyRequest,
    session: Session,
    principal: Caller,
    runtime: Process,
    project_id: FromPath[str],
    cohort_id: FromPath[int],
    parameters: Parameters[PersonQuery],
) -> Response[ProjectPersons]:
    """List the persons of a cohort, as JSON or (`format=csv`, `is_csv_export=1`, `Accept: text/csv`) as a file.

    An API key needs `person:read`, too. `next` is there whenever a page is full.
    """
    demand_scope(principal)
    actor = await staff(session, principal, project_id)
    own = address(runtime, project_id, f"{cohort_id}/persons/")
    return await persons_answers.answer(runtime, request, actor, cohort_id, parameters, own)


@get(
    f"{ONE}/persons.csv",
    operation_id="exportProjectCohortPersons",
    permission=COHORT_READ,
    scope=READ,
    query=PersonQuery,
    media_type="text/csv",
    tags=TAGS,
)
async def export_persons(
    session: Session,
    principal: Caller,
    runtime: Process,
    project_id: FromPath[str],
    cohort_id: FromPath[int],
    parameters: Parameters[PersonQuery],
) -> Response[bytes]:
    """The persons of a cohort as a file, at most 300,000."""
    demand_scope(principal)
    actor = await staff(session, principal, project_id)
    return await persons_answers.file(runtime, actor, cohort_id, parameters)


@get(
    "/api/cohort/{cohort_id:int}/persons",
    operation_id="listCohortPersons",
    permission=COHORT_READ,
    scope=READ,
    query=PersonQuery,
    operation_class=PersonsOperation,
    tags=TAGS,
    deprecated=True,
)
async def list_own_persons(
    request: AnyRequest,
    session: Session,
    principal: Caller,
    runtime: Process,
    cohort_id: FromPath[int],
    parameters: Parameters[PersonQuery],
) -> Response[ProjectPersons]:
    """List the persons of a cohort of the caller's own organization, as older clients ask for them."""
    demand_scope(principal)
    actor = await actors.staff(session, principal)
    own = f"{runtime.common.public_url}/api/cohort/{cohort_id}/persons/"
    return await persons_answers.answer(runtime, request, actor, cohort_id, parameters, own)


@patch(ADD, operation_id="addPersonsToStaticCohort", permission=COHORT_WRITE, scope=WRITE, tags=TAGS)
async def add_persons(
    session: Session,
    principal: Caller,
    project_id: FromPath[str],
    cohort_id: FromPath[int],
    data: JSONBody[ManyPersons],
) -> Success:
    """Let up to 1,000 persons, by UUID, into a static cohort; unknown ones are passed over."""
    actor = await staff(session, principal, project_id)
    await commands.add_persons(session, actor, cohort_id, data.person_ids)
    return Success()


@patch(REMOVE, operation_id="removePersonFromStaticCohort", permission=COHORT_WRITE, scope=WRITE, tags=TAGS)
async def remove_person(
    session: Session, principal: Caller, project_id: FromPath[str], cohort_id: FromPath[int], data: JSONBody[OnePerson]
) -> Success:
    """Let a person leave a static cohort."""
    actor = await staff(session, principal, project_id)
    await commands.remove_person(session, actor, cohort_id, data.person_id)
    return Success()


ROUTES = [list_persons, export_persons, list_own_persons, add_persons, remove_person]
