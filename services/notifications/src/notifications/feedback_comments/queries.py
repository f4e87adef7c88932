"""Reading comments."""

import operator
from typing import Any
from uuid import UUID

from chassis.principal import Principal
from chassis.runtime import Runtime
from database import page_of
from jsonapi import comparators
from kernel import NotFound, Slice
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from notifications.access import administers
from notifications.feedback_comments.models import FeedbackComment
from notifications.feedback_comments.schemas import CommentAttributes, CommentQuery

SIGNS: dict[str, Any] = {">": operator.gt, "<": operator.lt, ">=": operator.ge, "<=": operator.le}


async def read(runtime: Runtime, session: AsyncSession, principal: Principal, comment_id: UUID) -> FeedbackComment:
    """One that the caller may see: their own, their organization's for admins, any for staff. Raises NotFound."""
    row = await session.get(FeedbackComment, comment_id)
    if row is None:
        raise NotFound
    own = principal.user_id is not None and row.created_by == principal.user_id
    if not (own or principal.is_support or await administers(runtime, principal, row.organization_id)):
        raise NotFound
    return row


async def list_(
    runtime: Runtime, session: AsyncSession, principal: Principal, query: CommentQuery
) -> Slice[FeedbackComment]:
    """A page of those that the caller may see, newest first."""
    statement = select(FeedbackComment).order_by(FeedbackComment.id.desc()).where(*_filters(query))
    if not principal.is_support:
        place = query.organization_id or principal.organization_id
        if await administers(runtime, principal, place):
            statement = statement.where(FeedbackComment.organization_id == place)
        else:
            statement = statement.where(FeedbackComment.created_by == principal.user_id)
    return await page_of(session, statement, query.page)


def attributes(row: FeedbackComment) -> CommentAttributes:
    """A row as it goes out."""
    return CommentAttributes(
        row.comment, row.created_by, row.created_at, row.current_page, row.email, row.individual_id
    )


def _filters(query: CommentQuery) -> list[Any]:
    wanted = {
        FeedbackComment.created_by: query.created_by,
        FeedbackComment.current_page: query.current_page,
        FeedbackComment.individual_id: query.individual_id,
        FeedbackComment.organization_id: query.organization_id,
    }
    found: list[Any] = [column == value for column, value in wanted.items() if value is not None]
    found += [
        SIGNS[sign](FeedbackComment.created_at, time)
        for sign, time in comparators(query.created, "filter[cmp-created-time]")
    ]
    return found
