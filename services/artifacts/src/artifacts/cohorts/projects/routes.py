"""`/api/projects/{project_id}/cohorts/…`."""

from chassis.arguments import Caller, FromPath, Parameters, Process, Session
from contracts.permissions import COHORT_READ
from jsonapi import get

from artifacts import actors
from artifacts.cohorts.projects import queries
from artifacts.cohorts.projects.schemas import CohortQuery, ProjectCohort, ProjectCohorts
from artifacts.organizations.queries import project

PATH = "/api/projects/{project_id:str}/cohorts"
READ = "cohort:read"
TAGS = ["Cohorts (projects)"]


@get(PATH, operation_id="listProjectCohorts", permission=COHORT_READ, scope=READ, query=CohortQuery, tags=TAGS)
async def list_(
    session: Session,
    principal: Caller,
    runtime: Process,
    project_id: FromPath[str],
    parameters: Parameters[CohortQuery],
) -> ProjectCohorts:
    """List a project's cohorts, newest first."""
    organization_id = await project(session, principal, project_id)
    await actors.staff(session, principal, organization_id)
    address = f"{runtime.common.public_url}/api/projects/{project_id}/cohorts/"
    return await queries.list_(session, organization_id, parameters, address)


@get(f"{PATH}/{{cohort_id:int}}", operation_id="readProjectCohort", permission=COHORT_READ, scope=READ, tags=TAGS)
async def read(
    session: Session, principal: Caller, project_id: FromPath[str], cohort_id: FromPath[int]
) -> ProjectCohort:
    """Read a cohort, also one that was deleted."""
    organization_id = await project(session, principal, project_id)
    await actors.staff(session, principal, organization_id)
    return await queries.read(session, organization_id, cohort_id)


ROUTES = [list_, read]
