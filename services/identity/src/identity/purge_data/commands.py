"""Starting one service's part of an erasure, again where it was given up."""

from uuid import UUID

from chassis.principal import Principal
from kernel import Conflict, NotFound
from sqlalchemy.ext.asyncio import AsyncSession

from identity.audit_events.commands import record
from identity.deletion_requests.models import DeletionRequest, DeletionStep
from identity.deletion_requests.steps import locked, order
from identity.purge_data.schemas import SystemPurge

AT = "/data/attributes"


async def purge_data(session: AsyncSession, principal: Principal, asked: SystemPurge) -> None:
    """Order the step anew. Raises NotFound, or Conflict where the order does not fit the request."""
    request = await locked(session, asked.request_id)
    step = await session.get(DeletionStep, asked.reference_id)
    if request is None or step is None or step.request_id != request.id:
        raise NotFound("There is no such step.", pointer=f"{AT}/reference-id")
    if asked.entity_id not in _entities(request, asked.entity_type):
        raise Conflict("The request is about somebody else.", pointer=f"{AT}/entity-id")
    if asked.archive != request.archive:
        raise Conflict("The request says otherwise.", pointer=f"{AT}/archive")
    if request.status == "done":
        raise Conflict("The person is erased.", code="deletion-done")
    if step.state == "done":
        raise Conflict("The service has done this.", code="step-done", pointer=f"{AT}/reference-id")
    request.status, request.ended_at = "running", None
    step.attempts, step.started_at, step.ended_at = 0, None, None
    await order(session, request, step)
    record(session, principal, "purge-ordered", request.user_id, app=step.app, request=str(request.id))


def _entities(request: DeletionRequest, kind: str) -> set[UUID | None]:
    return {request.user_id} if kind == "user" else set(request.individual_ids)
