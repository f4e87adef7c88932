"""Taking in comments."""

from uuid import UUID

from chassis.clients import allowed, get_as_service
from chassis.copies import note_copy
from chassis.principal import Principal
from chassis.runtime import Runtime
from contracts.notifications import FeedbackCommentCreated
from kernel import Forbidden, NotFound, TooManyRequests
from messaging import publish
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from notifications.feedback_comments.models import FeedbackComment
from notifications.feedback_comments.schemas import NewComment

MOST_AN_HOUR = 30

LOCK = text("SELECT pg_advisory_xact_lock(hashtextextended(:user_id, 8))")
WRITTEN = text("""
SELECT count(*) FROM feedback_comments WHERE created_by = :user_id AND created_at > now() - interval '1 hour'
""")


async def create(runtime: Runtime, session: AsyncSession, principal: Principal, new: NewComment) -> FeedbackComment:
    """Keep a comment in its writer's name.

    Raises Forbidden for who is no person, NotFound for an individual whom the writer may not see, TooManyRequests after
    30 in an hour, and Unavailable while identity or authz cannot be asked.
    """
    user_id = principal.user_id
    if user_id is None:
        raise Forbidden("Only people comment on pages.")
    individual_id = new.individual_id
    if individual_id is not None and not await allowed(runtime, principal, f"individual:{individual_id}:read"):
        raise NotFound("There is no such individual.", pointer="/data/attributes/individual-id")
    email = await _email(runtime, user_id)
    await _check_rate(session, user_id)
    row = FeedbackComment(
        created_by=user_id,
        organization_id=principal.organization_id,
        individual_id=individual_id,
        email=email,
        comment=new.comment,
        current_page=new.current_page,
    )
    session.add(row)
    await session.flush()
    event = FeedbackCommentCreated(comment_id=row.id, created_by=user_id, organization_id=row.organization_id)
    await publish(session, event)
    await session.refresh(row)
    return row


async def _check_rate(session: AsyncSession, user_id: UUID) -> None:
    await session.execute(LOCK, {"user_id": str(user_id)})
    if (await session.execute(WRITTEN, {"user_id": user_id})).scalar_one() >= MOST_AN_HOUR:
        raise TooManyRequests(f"At most {MOST_AN_HOUR} comments an hour.", retry_after=600)


async def _email(runtime: Runtime, user_id: UUID) -> str | None:
    try:
        answer = await get_as_service(runtime, f"{runtime.common.identity_url}/v1/users/{user_id}/")
    except NotFound:
        return None
    await note_copy(runtime, user_id)
    return answer["data"]["attributes"].get("email")
