"""Cohorts themselves: `/api/projects/{project_id}/cohorts/{cohort_id}`."""

from typing import Any

from chassis.arguments import Caller, FromPath, Parameters, Process, Session
from contracts.permissions import COHORT_READ, COHORT_WRITE
from jsonapi import delete as delete_
from jsonapi import get, patch, post, put
from kernel import DomainError
from litestar import Request

from artifacts.cohorts.projects import bodies, commands, queries
from artifacts.cohorts.projects.caller import ONE, PATH, READ, TAGS, WRITE, address, staff
from artifacts.cohorts.projects.described import CohortOperation
from artifacts.cohorts.projects.schemas import CohortQuery, ProjectCohort, ProjectCohorts
from artifacts.headers import Mcp, is_mcp

AnyRequest = Request[Any, Any, Any]
BODY: dict[str, Any] = {"request_max_body_size": bodies.LARGEST, "operation_class": CohortOperation}


@get(PATH, operation_id="listProjectCohorts", permission=COHORT_READ, scope=READ, query=CohortQuery, tags=TAGS)
async def list_(
    session: Session,
    principal: Caller,
    runtime: Process,
    project_id: FromPath[str],
    parameters: Parameters[CohortQuery],
) -> ProjectCohorts:
    """List a project's cohorts, newest first.

    `hide_behavioral_cohorts` leaves out those that ask, directly or through others, what persons did.
    """
    actor = await staff(session, principal, project_id)
    return await queries.list_(session, actor.organization_id, parameters, address(runtime, project_id))


@post(PATH, operation_id="createProjectCohort", permission=COHORT_WRITE, scope=WRITE, tags=TAGS, **BODY)
async def create(
    request: AnyRequest,
    session: Session,
    principal: Caller,
    runtime: Process,
    project_id: FromPath[str],
    x_mcp: Mcp = None,
) -> ProjectCohort:
    """Make a cohort: dynamic by its `filters` (or legacy `groups`), or static by a CSV file, ids, or a `query`.

    It is calculated soon: `is_calculating` is true until then. A file in UTF-8, at most 128 MiB and 5,000,000 rows,
    has one column of distinct ids, or one whose header is person_id, distinct_id or email. Read-only members are
    passed over. `_create_static_person_ids` are persons who are in it from the start.
    """
    given = await bodies.receive(request)
    actor = await staff(session, principal, project_id)
    number = await commands.create(session, runtime, actor, bodies.read(given, mcp=is_mcp(x_mcp)))
    return await queries.read(session, actor.organization_id, number)


@get(ONE, operation_id="readProjectCohort", permission=COHORT_READ, scope=READ, tags=TAGS)
async def read(
    session: Session, principal: Caller, project_id: FromPath[str], cohort_id: FromPath[int]
) -> ProjectCohort:
    """Read a cohort, also one that was deleted."""
    actor = await staff(session, principal, project_id)
    return await queries.read(session, actor.organization_id, cohort_id)


@patch(ONE, operation_id="updateProjectCohort", permission=COHORT_WRITE, scope=WRITE, tags=TAGS, **BODY)
async def update(
    request: AnyRequest,
    session: Session,
    principal: Caller,
    runtime: Process,
    project_id: FromPath[str],
    cohort_id: FromPath[int],
    x_mcp: Mcp = None,
) -> ProjectCohort:
    """Change a cohort. A dynamic one is calculated anew; a file or a query adds to a static one's people.

    `deleted` true takes it out of the lists, refused while another cohort's filters name it; false brings it back.
    `is_static` may change either way.
    """
    given = await bodies.receive(request)
    actor = await staff(session, principal, project_id)
    await commands.update(session, runtime, actor, cohort_id, bodies.read(given, mcp=is_mcp(x_mcp)))
    return await queries.read(session, actor.organization_id, cohort_id)


@put(ONE, operation_id="replaceProjectCohort", permission=COHORT_WRITE, scope=WRITE, tags=TAGS, **BODY)
async def replace(
    request: AnyRequest,
    session: Session,
    principal: Caller,
    runtime: Process,
    project_id: FromPath[str],
    cohort_id: FromPath[int],
    x_mcp: Mcp = None,
) -> ProjectCohort:
    """Change a cohort, as PATCH does: what is not sent stays."""
    given = await bodies.receive(request)
    actor = await staff(session, principal, project_id)
    await commands.update(session, runtime, actor, cohort_id, bodies.read(given, mcp=is_mcp(x_mcp)))
    return await queries.read(session, actor.organization_id, cohort_id)


@delete_(ONE, operation_id="deleteProjectCohort", permission=COHORT_WRITE, scope=WRITE, status=405, tags=TAGS)
async def delete(project_id: FromPath[str], cohort_id: FromPath[int]) -> None:
    """Always 405: a cohort is deleted by PATCH with `deleted` true."""
    _ = project_id, cohort_id
    raise DomainError('Method "DELETE" not allowed.', code="method_not_allowed", status=405)


@get(
    f"{ONE}/duplicate_as_static_cohort",
    operation_id="duplicateProjectCohortByGet",
    permission=COHORT_WRITE,
    scope=WRITE,
    tags=TAGS,
    deprecated=True,
)
async def duplicate_by_get(
    principal: Caller, runtime: Process, project_id: FromPath[str], cohort_id: FromPath[int]
) -> ProjectCohort:
    """Make a static cohort with the same people. It writes: use POST where you can."""
    async with runtime.sessions.begin() as session:
        actor = await staff(session, principal, project_id)
        number = await commands.duplicate(session, runtime, actor, cohort_id)
        return await queries.read(session, actor.organization_id, number)


@post(
    f"{ONE}/duplicate_as_static_cohort",
    operation_id="duplicateProjectCohort",
    permission=COHORT_WRITE,
    scope=WRITE,
    status=200,
    tags=TAGS,
)
async def duplicate(
    session: Session, principal: Caller, runtime: Process, project_id: FromPath[str], cohort_id: FromPath[int]
) -> ProjectCohort:
    """Make a static cohort with the same people; very many of them come in batches."""
    actor = await staff(session, principal, project_id)
    number = await commands.duplicate(session, runtime, actor, cohort_id)
    return await queries.read(session, actor.organization_id, number)


ROUTES = [list_, create, read, update, replace, delete, duplicate_by_get, duplicate]
