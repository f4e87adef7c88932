"""Reading archive requests."""

from uuid import UUID

from chassis.principal import Principal
from database import page_of
from kernel import NotFound, Slice
from sqlalchemy import ColumnElement, false, or_, select, true
from sqlalchemy.ext.asyncio import AsyncSession

from identity.archive_requests.interview import QUESTIONS
from identity.archive_requests.models import ArchiveAnswer, ArchiveRequest
from identity.archive_requests.schemas import ArchiveRequestAttributes, ArchiveRequestQuery, InterviewQuestion
from identity.deletion_requests.visibility import administered

Answers = dict[UUID, dict[UUID, str]]
"""What was answered: by request and question."""


async def list_(session: AsyncSession, principal: Principal, asked: ArchiveRequestQuery) -> Slice[ArchiveRequest]:
    """A page of the requests that the caller may see, newest first."""
    statement = select(ArchiveRequest).where(_visible(principal))
    if asked.individual_id is not None:
        statement = statement.where(ArchiveRequest.individual_id == asked.individual_id)
    return await page_of(session, statement.order_by(ArchiveRequest.id.desc()), asked.page)


async def locked(session: AsyncSession, principal: Principal, identifier: UUID) -> ArchiveRequest:
    """A request that the caller may see, held. Raises NotFound."""
    statement = select(ArchiveRequest).where(ArchiveRequest.id == identifier, _visible(principal))
    row = (await session.scalars(statement.with_for_update())).first()
    if row is None:
        raise NotFound
    return row


async def answers_of(session: AsyncSession, ids: list[UUID]) -> Answers:
    """The answers of requests."""
    found: Answers = {identifier: {} for identifier in ids}
    for row in await session.scalars(select(ArchiveAnswer).where(ArchiveAnswer.request_id.in_(ids))):
        found[row.request_id][row.question_id] = row.value
    return found


def attributes(row: ArchiveRequest, answers: Answers) -> ArchiveRequestAttributes:
    """A request as its document shows it."""
    said = answers.get(row.id, {})
    return ArchiveRequestAttributes(
        individual_id=row.individual_id,
        interview_id=row.interview_id,
        email=row.email,
        request_state=row.state,  # pyright: ignore[reportArgumentType] the column holds states
        interview=[InterviewQuestion(one.id, one.kind, one.text, said.get(one.id)) for one in QUESTIONS],
        created_by=row.created_by,
        created_time=row.created_at,
        last_modified_time=row.updated_at,
    )


def _visible(principal: Principal) -> ColumnElement[bool]:
    if principal.is_support or principal.service is not None:
        return true()
    if principal.user_id is None:
        return false()
    own = or_(ArchiveRequest.user_id == principal.user_id, ArchiveRequest.created_by == principal.user_id)
    return or_(own, ArchiveRequest.organization_id.in_(administered(principal)))
