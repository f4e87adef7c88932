"""Reading the log of an endpoint's deliveries."""

from uuid import UUID

import msgspec
from chassis.principal import Principal
from chassis.runtime import Runtime
from database import page_of
from kernel import NotFound, Slice
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from notifications.webhook_endpoints import queries as endpoints
from notifications.webhook_endpoints.deliveries.schemas import (
    AttemptAttributes,
    AttemptQuery,
    DeliveryAttributes,
    DeliveryQuery,
)
from notifications.webhook_endpoints.models import WebhookAttempt, WebhookDelivery


async def list_(
    runtime: Runtime, session: AsyncSession, principal: Principal, endpoint_id: UUID, query: DeliveryQuery
) -> Slice[WebhookDelivery]:
    """A page of an endpoint's log, newest first. Raises NotFound or Forbidden."""
    endpoint = await endpoints.read(runtime, session, principal, endpoint_id)
    statement = select(WebhookDelivery).where(WebhookDelivery.endpoint_id == endpoint.id)
    if query.status is not None:
        statement = statement.where(WebhookDelivery.status == query.status)
    if query.event_type is not None:
        statement = statement.where(WebhookDelivery.event_type == query.event_type)
    if query.event_id is not None:
        statement = statement.where(WebhookDelivery.event_id == query.event_id)
    if query.since is not None:
        statement = statement.where(WebhookDelivery.created_at >= query.since)
    if query.until is not None:
        statement = statement.where(WebhookDelivery.created_at <= query.until)
    statement = statement.order_by(WebhookDelivery.created_at.desc(), WebhookDelivery.id.desc())
    return await page_of(session, statement, query.page)


async def read(
    runtime: Runtime, session: AsyncSession, principal: Principal, endpoint_id: UUID, delivery_id: UUID
) -> WebhookDelivery:
    """One delivery of an endpoint that the caller may see. Raises NotFound or Forbidden."""
    endpoint = await endpoints.read(runtime, session, principal, endpoint_id)
    return await require(session, endpoint.id, delivery_id)


async def require(
    session: AsyncSession, endpoint_id: UUID, delivery_id: UUID, *, lock: bool = False
) -> WebhookDelivery:
    """A delivery of the endpoint, locked for a change. Raises NotFound."""
    row = await session.get(WebhookDelivery, delivery_id, with_for_update=lock or None)
    if row is None or row.endpoint_id != endpoint_id:
        raise NotFound
    return row


async def attempts(
    runtime: Runtime,
    session: AsyncSession,
    principal: Principal,
    endpoint_id: UUID,
    delivery_id: UUID,
    query: AttemptQuery,
) -> Slice[WebhookAttempt]:
    """A page of the tries at a delivery, newest first. Raises NotFound or Forbidden."""
    delivery = await read(runtime, session, principal, endpoint_id, delivery_id)
    statement = select(WebhookAttempt).where(WebhookAttempt.delivery_id == delivery.id)
    return await page_of(session, statement.order_by(WebhookAttempt.number.desc()), query.page)


def attributes(row: WebhookDelivery) -> DeliveryAttributes:
    """A row as it goes out."""
    return DeliveryAttributes(
        webhook_endpoint_id=row.endpoint_id,
        event_id=row.event_id,
        event_type=row.event_type,
        test=row.test,
        status=row.status,  # pyright: ignore[reportArgumentType]
        attempts=row.attempts,
        last_status=row.last_status,
        reason=row.reason,
        next_attempt_time=row.next_attempt_at if row.status == "pending" else None,
        settled_time=row.settled_at,
        created_time=row.created_at,
        payload=msgspec.json.decode(row.payload),
    )


def attempt_attributes(row: WebhookAttempt) -> AttemptAttributes:
    """A try as it goes out."""
    return AttemptAttributes(
        number=row.number,
        attempted_time=row.attempted_at,
        duration_milliseconds=row.duration_ms,
        status=row.status,
        reason=row.reason,
        answer=row.answer,
    )
