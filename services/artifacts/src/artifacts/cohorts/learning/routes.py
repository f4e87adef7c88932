"""`/api/v1/learning/cohorts`."""

from chassis.arguments import Caller, FromPath, Parameters, Session
from contracts.permissions import COHORT_READ
from jsonapi import get

from artifacts import actors
from artifacts.cohorts.learning import queries
from artifacts.cohorts.learning.schemas import CohortQuery, LearningCohort, LearningCohorts

PATH = "/api/v1/learning/cohorts"
READ = "cohort:read"
TAGS = ["Cohorts (learning)"]


@get(PATH, operation_id="listLearningCohorts", permission=COHORT_READ, scope=READ, query=CohortQuery, tags=TAGS)
async def list_(session: Session, principal: Caller, parameters: Parameters[CohortQuery]) -> LearningCohorts:
    """List cohorts, newest first."""
    actor = await actors.staff(session, principal)
    return await queries.list_(session, actor.organization_id, parameters)


@get(f"{PATH}/{{cohort_id:str}}", operation_id="readLearningCohort", permission=COHORT_READ, scope=READ, tags=TAGS)
async def read(session: Session, principal: Caller, cohort_id: FromPath[str]) -> LearningCohort:
    """Read a cohort."""
    actor = await actors.staff(session, principal)
    return await queries.read(session, actor.organization_id, cohort_id)


ROUTES = [list_, read]
