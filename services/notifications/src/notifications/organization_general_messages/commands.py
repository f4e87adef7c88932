"""Making, changing and removing short texts of organizations."""

from uuid import UUID

from chassis.principal import Principal
from chassis.runtime import Runtime
from contracts.notifications import GeneralMessageCreated, GeneralMessageDeleted, GeneralMessageUpdated
from kernel import Conflict, uuid7
from messaging import publish
from sqlalchemy import func
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from notifications.access import check_write
from notifications.organization_general_messages import queries
from notifications.organization_general_messages.models import GeneralMessage
from notifications.organization_general_messages.schemas import MessageChanges, NewMessage


async def create(runtime: Runtime, session: AsyncSession, principal: Principal, new: NewMessage) -> GeneralMessage:
    """Make a text. Raises NotFound, Forbidden, or Conflict where the organization has one for name and locale."""
    await check_write(runtime, principal, new.organization_id)
    statement = insert(GeneralMessage).values(
        id=uuid7(), organization_id=new.organization_id, name=new.name, locale=new.locale, message=new.message
    )
    row = await session.scalar(statement.on_conflict_do_nothing().returning(GeneralMessage))
    if row is None:
        raise Conflict("The organization has a text for this name and locale.", pointer="/data/attributes/name")
    await publish(session, GeneralMessageCreated(message_id=row.id, organization_id=row.organization_id))
    return row


async def update(
    runtime: Runtime, session: AsyncSession, principal: Principal, message_id: UUID, changes: MessageChanges
) -> GeneralMessage:
    """Change the text. Raises NotFound or Forbidden."""
    row = await queries.require(session, message_id, lock=True)
    await check_write(runtime, principal, row.organization_id)
    row.message = changes.message
    row.updated_at = func.clock_timestamp()
    await session.flush()
    await session.refresh(row)
    await publish(session, GeneralMessageUpdated(message_id=row.id, organization_id=row.organization_id))
    return row


async def delete(runtime: Runtime, session: AsyncSession, principal: Principal, message_id: UUID) -> None:
    """Remove a text. Raises NotFound or Forbidden."""
    row = await queries.require(session, message_id, lock=True)
    await check_write(runtime, principal, row.organization_id)
    await session.delete(row)
    await session.flush()
    await publish(session, GeneralMessageDeleted(message_id=row.id, organization_id=row.organization_id))
