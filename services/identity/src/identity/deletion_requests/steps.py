"""The saga: who erases when, who is told again, and when a request has ended.

orgs goes first, because others copy individuals from it; then those who copy; identity is the last, because the
others ask it who the person is.
"""

from datetime import timedelta
from uuid import UUID

from chassis.erasure.orders import take_down
from contracts.erasure import DeletionEnded, DeletionPurgeRequested, UserErased
from kernel import now
from messaging import publish
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from identity.deletion_requests.models import DeletionRequest, DeletionStep

OWN = "identity"
STAGES: tuple[tuple[str, ...], ...] = (("orgs",), ("authz", "artifacts", "notifications"), (OWN,))
APPS = tuple(app for stage in STAGES for app in stage)
FIRST_WAIT, LONGEST_WAIT = 10.0, 600.0
GIVE_UP_AFTER = timedelta(hours=24)


async def locked(session: AsyncSession, request_id: UUID, *, waits: bool = True) -> DeletionRequest | None:
    """A request, held; None where there is none, or (unless `waits`) another process holds it."""
    statement = select(DeletionRequest).where(DeletionRequest.id == request_id)
    return (await session.scalars(statement.with_for_update(skip_locked=not waits))).first()


async def advance(session: AsyncSession, request: DeletionRequest) -> None:
    """Order what is due of a request that the transaction holds, or end it."""
    if request.status in ("done", "failed"):
        return
    found = (await session.scalars(select(DeletionStep).where(DeletionStep.request_id == request.id))).all()
    steps = {step.app: step for step in found}
    for stage in STAGES:
        unfinished = [steps[app] for app in stage if steps[app].state != "done"]
        if not unfinished:
            continue
        request.status = "running"
        for step in unfinished:
            await _tell(session, request, step)
        if any(step.state == "failed" for step in unfinished):
            await _end(session, request, "failed")
        return
    await _end(session, request, "done")


async def order(session: AsyncSession, request: DeletionRequest, step: DeletionStep) -> None:
    """Tell a service to erase; it is told again after a while, unless it has reported."""
    wait = min(LONGEST_WAIT, FIRST_WAIT * 2**step.attempts)
    step.state, step.attempts = "running", step.attempts + 1
    step.started_at = step.started_at or now()
    step.next_attempt_at = now() + timedelta(seconds=wait)
    await session.flush()  # the step is written before it is announced
    told = DeletionPurgeRequested(
        deletion_request_id=request.id,
        reference_id=step.reference_id,
        app=step.app,
        user_id=request.user_id,
        individual_ids=tuple(request.individual_ids),
        archive=request.archive,
    )
    if step.app == OWN:
        await take_down(session, told)
    else:
        await publish(session, told)


async def _tell(session: AsyncSession, request: DeletionRequest, step: DeletionStep) -> None:
    if step.started_at is not None and now() - step.started_at > GIVE_UP_AFTER:
        step.state, step.ended_at = "failed", now()
    elif step.state == "pending" or (
        step.app != OWN and (step.next_attempt_at is None or step.next_attempt_at <= now())
    ):
        await order(session, request, step)  # identity's own order needs no second telling: it is in its database


async def _end(session: AsyncSession, request: DeletionRequest, status: str) -> None:
    request.status, request.ended_at = status, now()
    await session.flush()  # the end is written before it is announced
    if status == "done" and request.user_id is not None:
        await publish(session, UserErased(user_id=request.user_id))
    await publish(session, DeletionEnded(deletion_request_id=request.id, status=status))  # pyright: ignore[reportArgumentType]
