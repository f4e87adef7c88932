"""Putting messages before people, and marking them read."""

from uuid import UUID

from chassis.principal import Principal
from contracts.notifications import InAppMessageCreated, InboxRead
from kernel import uuid7
from messaging import publish
from sqlalchemy import func, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from notifications.notifications import queries
from notifications.notifications.models import InAppMessage

IN_TURN = text("SELECT pg_advisory_xact_lock(hashtextextended(:user_id, 9))")
"""Messages of one person are written one after another: their numbers are in the order of their commits."""

ADD = text("""
INSERT INTO in_app_messages (id, reference, user_id, organization_id, type, subject, text)
SELECT :id, :reference, user_id, organization_id, type, :subject, :text FROM deliveries
 WHERE id = :delivery_id AND user_id IS NOT NULL
ON CONFLICT (reference) DO NOTHING RETURNING organization_id
""")


TELL = text("""
INSERT INTO in_app_messages (id, reference, user_id, organization_id, type, subject, text)
VALUES (:id, :reference, :user_id, :organization_id, :type, :subject, :text)
ON CONFLICT (reference) DO NOTHING RETURNING id
""")


async def add(
    session: AsyncSession, user_id: UUID, delivery_id: UUID, reference: UUID, subject: str, words: str
) -> None:
    """Put a delivery's text before its person; the same `reference` again changes nothing."""
    await session.execute(IN_TURN, {"user_id": str(user_id)})
    notification_id = uuid7()
    values = {
        "id": notification_id,
        "reference": reference,
        "delivery_id": delivery_id,
        "subject": subject,
        "text": words,
    }
    row = (await session.execute(ADD, values)).first()
    if row is not None:
        event = InAppMessageCreated(notification_id=notification_id, user_id=user_id, organization_id=row[0])
        await publish(session, event)


async def tell(
    session: AsyncSession, user_id: UUID, organization_id: UUID, reference: UUID, kind: str, subject: str, words: str
) -> None:
    """Tell a person what no delivery brings; the same `reference` again changes nothing."""
    await session.execute(IN_TURN, {"user_id": str(user_id)})
    values = {
        "id": uuid7(),
        "reference": reference,
        "user_id": user_id,
        "organization_id": organization_id,
        "type": kind,
        "subject": subject,
        "text": words,
    }
    row = (await session.execute(TELL, values)).first()
    if row is not None:
        event = InAppMessageCreated(notification_id=row.id, user_id=user_id, organization_id=organization_id)
        await publish(session, event)


async def mark_read(session: AsyncSession, principal: Principal, notification_id: UUID) -> InAppMessage:
    """Mark one of the caller's; the first time counts. Raises NotFound."""
    row = await queries.require(session, principal, notification_id)
    if await _mark(session, principal, row.id):
        await session.refresh(row)
    return row


async def mark_all_read(session: AsyncSession, principal: Principal) -> int:
    """Mark all of the caller's, and say how many those were."""
    return await _mark(session, principal, None)


async def _mark(session: AsyncSession, principal: Principal, notification_id: UUID | None) -> int:
    user_id = queries.reader(principal)
    statement = update(InAppMessage).where(InAppMessage.user_id == user_id, InAppMessage.read_at.is_(None))
    if notification_id is not None:
        statement = statement.where(InAppMessage.id == notification_id)
    marked = await session.execute(statement.values(read_at=func.clock_timestamp()).returning(InAppMessage.id))
    count = len(marked.all())
    if count:
        await publish(session, InboxRead(user_id=user_id, notification_id=notification_id, count=count))
    return count
