"""HTTP of tasks."""

from uuid import UUID

from chassis.arguments import Caller, FromPath, Session
from contracts.permissions import AUTHENTICATED
from jsonapi import document, get

from orgs.tasks import queries
from orgs.tasks.schemas import KIND, TaskDocument


@get("/v1/tasks/{task_id:uuid}", operation_id="readTask", permission=AUTHENTICATED, tags=["Tasks"])
async def read(session: Session, principal: Caller, task_id: FromPath[UUID]) -> TaskDocument:
    """Read what became of a piece of work: for who asked for it and the organization's administrators."""
    return document(KIND, task_id, await queries.read(session, principal, task_id))


ROUTES = [read]
