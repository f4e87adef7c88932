"""Asking for an erasure, and taking in what services report of it."""

import base64
import binascii
import zlib
from uuid import UUID

from chassis.erasure.receipts import Receipt, digest
from chassis.principal import Principal
from chassis.runtime import Runtime
from contracts.erasure import DeletionRequested
from contracts.identity import UserDisabled
from kernel import Conflict, Invalid, NotFound, now, uuid7
from messaging import publish
from sqlalchemy import func, or_, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from identity.audit_events.commands import record
from identity.deletion_requests import copies
from identity.deletion_requests.models import DeletionRequest, DeletionStep
from identity.deletion_requests.queries import mark_of
from identity.deletion_requests.schemas import NewDeletionRequest, UpdateStatus
from identity.deletion_requests.steps import APPS, advance, locked
from identity.deletion_requests.subjects import Subject, find
from identity.parts import Parts, parts_of
from identity.users.models import User

LONGEST_PART = 16 * 1024 * 1024
HOLD = text("SELECT pg_advisory_xact_lock(hashtextextended(CAST(:id AS text), 3))")
SILENCE = (
    text("DELETE FROM message_contents WHERE user_id = :user_id"),
    text("DELETE FROM codes WHERE subject_id = :user_id"),
)
"""From now on nothing is sent to the person: what is not sent needs no erasing."""


async def create(
    runtime: Runtime, session: AsyncSession, principal: Principal, asked: NewDeletionRequest
) -> DeletionRequest:
    """Take a request down and end the person's sessions. Raises Conflict while one about the person is under way."""
    parts = parts_of(runtime)
    subject = await find(runtime, session, principal, asked)
    await _check_first(session, subject)
    email = subject.user.email if subject.user else None
    identifier = uuid7()
    request = DeletionRequest(
        id=identifier,
        type=asked.type,
        user_id=subject.user.id if subject.user and not subject.stays else None,
        individual_ids=subject.individual_ids,
        organization_ids=subject.organization_ids,
        email_mark=mark_of(parts.vault, email) if email else None,
        archive=asked.archive,
        archive_key=copies.new_key(parts.vault, identifier) if asked.archive else None,
        status="pending",
        created_by=principal.user_id,
    )
    session.add(request)
    await session.flush()  # the request is there before its steps
    session.add_all(DeletionStep(reference_id=uuid7(), request_id=identifier, app=app, state="pending") for app in APPS)
    if request.user_id is not None and subject.user is not None:
        await _close(session, subject.user)
    record(session, principal, "deletion-requested", request.user_id, request=str(identifier))
    await session.flush()
    told = DeletionRequested(
        deletion_request_id=identifier,
        user_id=request.user_id,
        individual_ids=tuple(request.individual_ids),
        archive=request.archive,
    )
    await publish(session, told)
    return request


async def update_status(
    session: AsyncSession, parts: Parts, principal: Principal, request_id: UUID, said: UpdateStatus
) -> None:
    """Take in what a service says of its own step. Raises NotFound, Invalid, or Conflict. Saying it twice is fine."""
    request = await locked(session, request_id)
    if request is None or principal.service is None:
        raise NotFound
    step = await step_of(session, request, said.reference_id, principal.service)
    if said.copy is not None:
        if not request.archive:
            raise Conflict("No copy was asked for.", pointer="/copy")
        await copies.keep(session, parts.vault, request, step.reference_id, said.part or 0, _unpacked(said.copy))
    if said.state == "done":
        await note_done(session, request, step, said.receipt)
    elif said.state == "failed" and step.state != "done":
        step.next_attempt_at = step.next_attempt_at or now()


async def step_of(session: AsyncSession, request: DeletionRequest, reference_id: UUID, app: str) -> DeletionStep:
    """The step of a service in a request. Raises NotFound for another service's."""
    step = await session.get(DeletionStep, reference_id)
    if step is None or step.request_id != request.id or step.app != app:
        raise NotFound(pointer="/reference-id")
    return step


async def note_done(
    session: AsyncSession, request: DeletionRequest, step: DeletionStep, receipt: Receipt | None
) -> None:
    """A service has erased the person: keep its receipt and go on. Raises Invalid for a receipt that is not right."""
    if step.state == "done":
        return
    if receipt is not None:
        if receipt.digest != digest(request.id, step.app, receipt.erased_time, receipt.counts):
            raise Invalid("The digest does not fit the receipt.", pointer="/receipt/digest")
        step.receipt = {
            "erased-time": receipt.erased_time.isoformat(),
            "counts": receipt.counts,
            "digest": receipt.digest,
        }
    step.state, step.ended_at, step.next_attempt_at = "done", now(), None
    if request.status == "failed":
        request.status, request.ended_at = "running", None
    await session.flush()  # later statements read the step
    await advance(session, request)


async def _check_first(session: AsyncSession, subject: Subject) -> None:
    """Two requests about one person wait for each other, and the second is refused."""
    for one in sorted(map(str, subject.individual_ids)):
        await session.execute(HOLD, {"id": one})
    same = DeletionRequest.individual_ids.bool_op("&&")(subject.individual_ids)
    if subject.user is not None:
        same = or_(same, DeletionRequest.user_id == subject.user.id)
    known = select(DeletionRequest.id).where(same, DeletionRequest.status != "done").limit(1)
    if (found := await session.scalar(known)) is not None:
        raise Conflict("The person is being erased.", code="deletion-under-way", meta={"request-id": str(found)})


async def _close(session: AsyncSession, user: User) -> None:
    """No sign-in any more, and every session ends."""
    moment = (await session.execute(select(func.clock_timestamp()))).scalar_one()
    user.state_before, user.state = user.state, "archived"
    user.sessions_ended_at = user.tokens_outdated_at = moment
    for statement in SILENCE:
        await session.execute(statement, {"user_id": user.id})
    await session.flush()  # the epoch is written before it is announced
    await publish(session, UserDisabled(user_id=user.id, ended_at=moment))


def _unpacked(copy: str) -> bytes:
    """Base64 of a zlib stream of at most `LONGEST_PART` bytes. Raises Invalid."""
    try:
        packed = zlib.decompressobj()
        plain = packed.decompress(base64.b64decode(copy, validate=True), LONGEST_PART)
    except (binascii.Error, zlib.error):
        plain, packed = b"", zlib.decompressobj()
    if not packed.eof:
        raise Invalid("This is no part of a copy.", pointer="/copy")
    return plain
