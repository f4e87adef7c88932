"""Asking to archive an individual, answering the interview, and what follows."""

from uuid import UUID

from chassis.principal import Principal
from chassis.runtime import Runtime
from contracts.identity import ArchiveConfirmed, UserDisabled
from kernel import Conflict, Forbidden, Invalid, uuid7
from messaging import publish
from sqlalchemy import func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from identity.archive_requests import queries
from identity.archive_requests.interview import NO, QUESTIONS, checked, question
from identity.archive_requests.models import ArchiveAnswer, ArchiveRequest
from identity.archive_requests.schemas import Answer, NewArchiveRequest
from identity.audit_events.commands import record
from identity.deletion_requests import subjects
from identity.users.models import User
from identity.users.queries import INACTIVE

REQUESTED, CONFIRMED, CANCELED, ARCHIVED = "archive-requested", "archive-confirmed", "archive-canceled", "archived"
OPEN = text("state IN ('archive-requested', 'archive-confirmed')")


async def create(
    runtime: Runtime, session: AsyncSession, principal: Principal, asked: NewArchiveRequest
) -> ArchiveRequest:
    """Take a request down. Raises NotFound, Unavailable, or Conflict for an individual about whom one is open."""
    subject = await subjects.of_individual(runtime, session, principal, asked.individual_id)
    values = {
        "id": uuid7(),
        "individual_id": asked.individual_id,
        "user_id": subject.user.id if subject.user and not subject.stays else None,
        "organization_id": subject.organization_ids[0] if subject.organization_ids else None,
        "interview_id": uuid7(),
        "email": subject.email,
        "state": REQUESTED,
        "created_by": principal.user_id,
    }
    statement = insert(ArchiveRequest).values(values)
    row = await session.scalar(
        statement.on_conflict_do_nothing(index_elements=["individual_id"], index_where=OPEN).returning(ArchiveRequest)
    )
    if row is None:
        raise Conflict("There is an open request.", pointer="/data/attributes/individual-id", code="archive-under-way")
    record(session, principal, "archive-requested", row.user_id, request=str(row.id))
    return row


async def answer(session: AsyncSession, principal: Principal, request_id: UUID, given: Answer) -> ArchiveRequest:
    """Record an answer: a no cancels the request, the last yes confirms it. Raises NotFound, Invalid or Conflict."""
    row = await queries.locked(session, principal, request_id)
    if principal.user_id is None or (principal.is_support and not principal.is_operator):
        raise Forbidden("This takes the person, an administrator of the organization, or the operator.")
    _check_same(row, given)
    if row.state != REQUESTED:
        raise Conflict("The interview has ended.", code="interview-ended")
    answered = set((await queries.answers_of(session, [row.id]))[row.id])
    asked = question(given.question_id, answered)
    value = checked(asked, given.value)
    kept = {"value": value, "answered_by": principal.user_id, "answered_at": func.clock_timestamp()}
    statement = insert(ArchiveAnswer).values(request_id=row.id, question_id=asked.id, **kept)
    await session.execute(statement.on_conflict_do_update(index_elements=["request_id", "question_id"], set_=kept))
    if asked.kind == "choice" and value == NO:
        row.state = CANCELED
    elif {asked.id, *answered} >= {one.id for one in QUESTIONS}:
        await _confirm(session, row)
    record(session, principal, "archive-answered", row.user_id, request=str(row.id), state=row.state)
    await session.flush()
    return row


async def settle(session: AsyncSession, individual_id: UUID) -> None:
    """Close the requests about an individual whom orgs has archived."""
    waiting = (ArchiveRequest.individual_id == individual_id, ArchiveRequest.state == CONFIRMED)
    await session.execute(update(ArchiveRequest).where(*waiting).values(state=ARCHIVED))


async def _confirm(session: AsyncSession, row: ArchiveRequest) -> None:
    """The own login signs in no more, and orgs hears that the individual is to be archived."""
    row.state = CONFIRMED
    statement = select(User).where(User.id == row.user_id).with_for_update()
    user = (await session.scalars(statement)).first() if row.user_id is not None else None
    if user is not None and user.state != "archived":
        moment = (await session.execute(select(func.clock_timestamp()))).scalar_one()
        user.state_before = user.state_before if user.state in INACTIVE else user.state
        user.state, user.sessions_ended_at, user.tokens_outdated_at = "archived", moment, moment
        await session.flush()  # the epoch is written before it is announced
        await publish(session, UserDisabled(user_id=user.id, ended_at=moment))
    await session.flush()
    told = ArchiveConfirmed(archive_request_id=row.id, individual_id=row.individual_id, user_id=row.user_id)
    await publish(session, told)


def _check_same(row: ArchiveRequest, given: Answer) -> None:
    if given.individual_id not in (None, row.individual_id):
        raise Invalid("The request is about another individual.", pointer="/individual-id")
    if given.interview_id not in (None, row.interview_id):
        raise Invalid("The request has another interview.", pointer="/interview-id")
