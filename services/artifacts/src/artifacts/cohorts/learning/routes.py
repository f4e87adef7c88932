"""`/api/v1/learning/cohorts`."""

from chassis.arguments import Caller, FromPath, JSONBody, Parameters, Session
from contracts.permissions import COHORT_READ, COHORT_WRITE
from jsonapi import delete as delete_
from jsonapi import get, patch, post

from artifacts import actors
from artifacts.cohorts.learning import commands, completions, identifiers, queries
from artifacts.cohorts.learning.identifiers import COHORT, COMPLETION
from artifacts.cohorts.learning.schemas import (
    CohortQuery,
    CompletionOut,
    CompletionQuery,
    Completions,
    LearningCohort,
    LearningCohorts,
    NewCompletion,
    WrittenCohort,
)
from artifacts.headers import Mcp, is_mcp

PATH = "/api/v1/learning/cohorts"
ONE = f"{PATH}/{{cohort_id:str}}"
COMPLETIONS = f"{ONE}/completions"
READ, WRITE = "cohort:read", "cohort:write"
TAGS = ["Cohorts (learning)"]


@get(PATH, operation_id="listLearningCohorts", permission=COHORT_READ, scope=READ, query=CohortQuery, tags=TAGS)
async def list_(session: Session, principal: Caller, parameters: Parameters[CohortQuery]) -> LearningCohorts:
    """List cohorts, newest first; deleted ones only where they are asked for."""
    actor = await actors.staff(session, principal)
    return await queries.list_(session, principal, actor.organization_id, parameters)


@post(PATH, operation_id="createLearningCohort", permission=COHORT_WRITE, scope=WRITE, tags=TAGS)
async def create(
    session: Session, principal: Caller, data: JSONBody[WrittenCohort], x_mcp: Mcp = None
) -> LearningCohort:
    """Make a cohort without learners.

    Without a `status` it is planned before its start, active from then on and completed after its end. A status that
    is said counts until the next of these dates; `completed` and `canceled` stay. Facilitators are users of the
    organization's staff; `group_id` is one of its groups, the cohort's own if nothing is said. `metadata` takes 16 KiB
    of JSON, 100 keys, 8 levels.
    """
    actor = await actors.staff(session, principal)
    return await commands.create(session, actor, principal, data, mcp=is_mcp(x_mcp))


@get(ONE, operation_id="readLearningCohort", permission=COHORT_READ, scope=READ, tags=TAGS)
async def read(session: Session, principal: Caller, cohort_id: FromPath[str]) -> LearningCohort:
    """Read a cohort, also one that was deleted."""
    actor = await actors.staff(session, principal)
    return await queries.read(session, principal, actor.organization_id, identifiers.read(COHORT, cohort_id))


@patch(ONE, operation_id="updateLearningCohort", permission=COHORT_WRITE, scope=WRITE, tags=TAGS)
async def update(
    session: Session,
    principal: Caller,
    cohort_id: FromPath[str],
    data: JSONBody[WrittenCohort],
    x_mcp: Mcp = None,
) -> LearningCohort:
    """Change members of a cohort; null clears one.

    With the `version` that was read, a write of somebody else in between is answered with 409 and the current one.
    """
    actor = await actors.staff(session, principal)
    key = identifiers.read(COHORT, cohort_id)
    return await commands.update(session, actor, principal, key, data, mcp=is_mcp(x_mcp))


@delete_(ONE, operation_id="deleteLearningCohort", permission=COHORT_WRITE, scope=WRITE, tags=TAGS)
async def delete(session: Session, principal: Caller, cohort_id: FromPath[str], x_mcp: Mcp = None) -> None:
    """Delete a cohort: it leaves the default lists, and can still be read."""
    actor = await actors.staff(session, principal)
    await commands.delete(session, actor, principal, identifiers.read(COHORT, cohort_id), mcp=is_mcp(x_mcp))


@get(
    COMPLETIONS,
    operation_id="listCompletions",
    permission=COHORT_READ,
    scope=READ,
    query=CompletionQuery,
    tags=TAGS,
)
async def list_completions(
    session: Session, principal: Caller, cohort_id: FromPath[str], parameters: Parameters[CompletionQuery]
) -> Completions:
    """List what learners of a cohort have completed, in the order in which it was first recorded."""
    actor = await actors.staff(session, principal)
    cohort = await commands.found(session, actor, principal, identifiers.read(COHORT, cohort_id))
    return await completions.list_(session, cohort, parameters)


@post(COMPLETIONS, operation_id="recordCompletion", permission=COHORT_WRITE, scope=WRITE, tags=TAGS)
async def record_completion(
    session: Session, principal: Caller, cohort_id: FromPath[str], data: JSONBody[NewCompletion]
) -> CompletionOut:
    """Record what a learner has completed: a session, an assessment, or a percentage of the whole programme.

    The same again is the same record, so a call whose answer was lost can be repeated. `learner_id` is the person's or
    the user's id; they are in the cohort. Instructors and up record, and the cohort's facilitators.
    """
    actor = await actors.staff(session, principal)
    cohort = await commands.found(session, actor, principal, identifiers.read(COHORT, cohort_id))
    return await completions.record(session, actor, cohort, data)


@delete_(
    f"{COMPLETIONS}/{{completion_id:str}}",
    operation_id="deleteCompletion",
    permission=COHORT_WRITE,
    scope=WRITE,
    tags=TAGS,
)
async def delete_completion(
    session: Session, principal: Caller, cohort_id: FromPath[str], completion_id: FromPath[str]
) -> None:
    """Take back what was recorded of a learner."""
    actor = await actors.staff(session, principal)
    cohort = await commands.found(session, actor, principal, identifiers.read(COHORT, cohort_id))
    await completions.forget(session, actor, cohort, identifiers.read(COMPLETION, completion_id))


ROUTES = [list_, create, read, update, delete, list_completions, record_completion, delete_completion]
