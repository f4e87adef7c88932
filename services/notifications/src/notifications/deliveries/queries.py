"""Reading deliveries."""

from datetime import UTC
from uuid import UUID

from chassis.principal import Principal
from chassis.runtime import Runtime
from database import page_of
from kernel import NotFound, Slice
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from notifications import access
from notifications.deliveries.models import Delivery
from notifications.deliveries.schemas import DeliveryAttributes, DeliveryQuery


async def list_(session: AsyncSession, runtime: Runtime, principal: Principal, query: DeliveryQuery) -> Slice[Delivery]:
    """A page, newest first: an organization's for who administers it, everybody's for the operator's staff."""
    seen = await access.readable(runtime, principal, query.organization_id)
    rows = select(Delivery).order_by(Delivery.created_at.desc(), Delivery.id.desc())
    since = query.since and (query.since if query.since.tzinfo else query.since.replace(tzinfo=UTC))
    wanted = (
        (Delivery.organization_id, seen),
        (Delivery.status, query.status),
        (Delivery.channel, query.channel),
        (Delivery.type, query.message_type),
        (Delivery.user_id, query.user_id),
    )
    for column, value in wanted:
        if value is not None:
            rows = rows.where(column == value)
    return await page_of(session, rows if since is None else rows.where(Delivery.created_at >= since), query.page)


async def read(session: AsyncSession, runtime: Runtime, principal: Principal, delivery_id: UUID) -> Delivery:
    """One that the caller may see. Raises NotFound or Forbidden."""
    row = await session.get(Delivery, delivery_id)
    if row is None:
        raise NotFound
    await access.check_read(runtime, principal, row.organization_id)
    return row


def attributes(row: Delivery) -> DeliveryAttributes:
    """A row as it goes out."""
    return DeliveryAttributes(
        attempts=row.attempts,
        bounce_subtype=row.bounce_subtype,
        bounce_type=row.bounce_type,
        channel=row.channel,
        created_time=row.created_at,
        expires_time=row.expires_at,
        message_type=row.type,
        next_attempt_time=row.next_attempt_at if row.status == "pending" else None,
        organization_id=row.organization_id,
        reason=row.reason,
        report=row.report,
        settled_time=row.settled_at,
        status=row.status,  # pyright: ignore[reportArgumentType]
        template_id=row.template_id,
        template_version=row.template_version,
        user_id=row.user_id,
    )
