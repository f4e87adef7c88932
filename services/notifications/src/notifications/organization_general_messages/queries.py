"""Reading short texts of organizations."""

from uuid import UUID

from chassis.principal import Principal
from chassis.runtime import Runtime
from database import page_of
from kernel import NotFound, Slice
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from notifications.access import administers
from notifications.organization_general_messages.models import GeneralMessage
from notifications.organization_general_messages.schemas import MessageAttributes, MessageQuery


async def require(session: AsyncSession, message_id: UUID, *, lock: bool = False) -> GeneralMessage:
    """The row, locked for a change. Raises NotFound."""
    row = await session.get(GeneralMessage, message_id, with_for_update=lock or None)
    if row is None:
        raise NotFound
    return row


async def read(runtime: Runtime, session: AsyncSession, principal: Principal, message_id: UUID) -> GeneralMessage:
    """One that the caller may see. Raises NotFound."""
    row = await require(session, message_id)
    await _check_reader(runtime, principal, row.organization_id)
    return row


async def list_(
    runtime: Runtime, session: AsyncSession, principal: Principal, query: MessageQuery
) -> Slice[GeneralMessage]:
    """A page of an organization's texts by name and locale. Raises NotFound for another organization's."""
    await _check_reader(runtime, principal, query.organization_id)
    statement = (
        select(GeneralMessage)
        .where(GeneralMessage.organization_id == query.organization_id)
        .order_by(GeneralMessage.name, GeneralMessage.locale)
    )
    if query.locale is not None:
        statement = statement.where(GeneralMessage.locale == query.locale)
    if query.name is not None:
        statement = statement.where(GeneralMessage.name == query.name)
    return await page_of(session, statement, query.page)


def attributes(row: GeneralMessage) -> MessageAttributes:
    """A row as it goes out."""
    return MessageAttributes(
        row.created_at,
        row.updated_at,
        row.locale,  # type: ignore[arg-type]
        row.message,
        row.name,
        row.organization_id,
    )


async def _check_reader(runtime: Runtime, principal: Principal, organization_id: UUID) -> None:
    """Whoever is signed in to the organization reads its texts, participants too; so do services and staff."""
    if principal.organization_id == organization_id or principal.is_support or principal.service is not None:
        return
    if not await administers(runtime, principal, organization_id):
        raise NotFound
