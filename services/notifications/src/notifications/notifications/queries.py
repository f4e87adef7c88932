"""Reading a person's messages: nobody else's are to be seen."""

from uuid import UUID

from chassis.principal import Principal
from database import page_of
from kernel import Forbidden, NotFound, Slice
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from notifications.notifications.models import InAppMessage
from notifications.notifications.schemas import NotificationAttributes, NotificationQuery


def reader(principal: Principal) -> UUID:
    """Whose messages are meant. Raises Forbidden for who is no person."""
    if principal.user_id is None:
        raise Forbidden("Only people have messages.")
    return principal.user_id


async def require(session: AsyncSession, principal: Principal, notification_id: UUID) -> InAppMessage:
    """One of the caller's. Raises NotFound."""
    mine = (InAppMessage.id == notification_id, InAppMessage.user_id == reader(principal))
    row = await session.scalar(select(InAppMessage).where(*mine))
    if row is None:
        raise NotFound
    return row


async def list_(session: AsyncSession, principal: Principal, query: NotificationQuery) -> Slice[InAppMessage]:
    """A page of the caller's, newest first."""
    statement = select(InAppMessage).where(InAppMessage.user_id == reader(principal))
    if query.read is not None:
        statement = statement.where(InAppMessage.read_at.is_not(None) if query.read else InAppMessage.read_at.is_(None))
    if query.message_type is not None:
        statement = statement.where(InAppMessage.type == query.message_type)
    return await page_of(session, statement.order_by(InAppMessage.number.desc()), query.page)


async def unread(session: AsyncSession, principal: Principal) -> int:
    """How many of the caller's are not marked."""
    mine = (InAppMessage.user_id == reader(principal), InAppMessage.read_at.is_(None))
    return (await session.execute(select(func.count()).select_from(InAppMessage).where(*mine))).scalar_one()


def attributes(row: InAppMessage) -> NotificationAttributes:
    """A row as it goes out."""
    return NotificationAttributes(row.created_at, row.type, row.organization_id, row.read_at, row.subject, row.text)
