"""What is told about cohorts: activity, calculations, what needs them."""

from chassis.arguments import Caller, FromPath, Parameters, Process, Session
from contracts.permissions import COHORT_READ
from jsonapi import get

from artifacts.cohorts.projects import activity, history, uses
from artifacts.cohorts.projects.caller import ACTIVITY, ONE, PATH, READ, TAGS, address, cohort_of, staff
from artifacts.cohorts.projects.schemas import Activities, ActivityQuery, Calculations, HistoryQuery, UsedIn


@get(
    f"{PATH}/activity",
    operation_id="listProjectCohortActivity",
    permission=COHORT_READ,
    scope=ACTIVITY,
    query=ActivityQuery,
    tags=TAGS,
)
async def list_activity(
    session: Session,
    principal: Caller,
    runtime: Process,
    project_id: FromPath[str],
    parameters: Parameters[ActivityQuery],
) -> Activities:
    """List what was done to the project's cohorts, newest first."""
    actor = await staff(session, principal, project_id)
    own = address(runtime, project_id, "activity/")
    return await activity.list_(session, actor.organization_id, None, parameters, own)


@get(
    f"{ONE}/activity",
    operation_id="readProjectCohortActivity",
    permission=COHORT_READ,
    scope=ACTIVITY,
    query=ActivityQuery,
    tags=TAGS,
)
async def read_activity(
    session: Session,
    principal: Caller,
    runtime: Process,
    project_id: FromPath[str],
    cohort_id: FromPath[int],
    parameters: Parameters[ActivityQuery],
) -> Activities:
    """List what was done to a cohort, newest first."""
    cohort = await cohort_of(session, principal, project_id, cohort_id)
    own = address(runtime, project_id, f"{cohort_id}/activity/")
    return await activity.list_(session, cohort.organization_id, cohort.id, parameters, own)


@get(
    f"{ONE}/calculation_history",
    operation_id="listProjectCohortCalculations",
    permission=COHORT_READ,
    scope=READ,
    query=HistoryQuery,
    tags=TAGS,
)
async def list_calculations(
    session: Session,
    principal: Caller,
    project_id: FromPath[str],
    cohort_id: FromPath[int],
    parameters: Parameters[HistoryQuery],
) -> Calculations:
    """List the whole calculations of a cohort, newest first."""
    cohort = await cohort_of(session, principal, project_id, cohort_id)
    return await history.list_(session, cohort.id, parameters)


@get(f"{ONE}/used_in", operation_id="readProjectCohortUses", permission=COHORT_READ, scope=READ, tags=TAGS)
async def read_uses(session: Session, principal: Caller, project_id: FromPath[str], cohort_id: FromPath[int]) -> UsedIn:
    """Read which other cohorts' filters name a cohort: it cannot be deleted while there are any."""
    cohort = await cohort_of(session, principal, project_id, cohort_id)
    return await uses.used_in(session, cohort.organization_id, cohort.id)


ROUTES = [list_activity, read_activity, list_calculations, read_uses]
