"""Reading endpoints."""

from uuid import UUID

from chassis.principal import Principal
from chassis.runtime import Runtime
from database import page_of
from kernel import NotFound, Page, Slice
from msgspec import UNSET
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from notifications.webhook_endpoints import access, catalogue
from notifications.webhook_endpoints.catalogue import EventType
from notifications.webhook_endpoints.models import WebhookEndpoint
from notifications.webhook_endpoints.schemas import EndpointAttributes, EndpointQuery


async def require(session: AsyncSession, endpoint_id: UUID, *, lock: bool = False) -> WebhookEndpoint:
    """The row, locked for a change. Raises NotFound."""
    row = await session.get(WebhookEndpoint, endpoint_id, with_for_update=lock or None)
    if row is None or row.deleted_at is not None:
        raise NotFound
    return row


async def read(runtime: Runtime, session: AsyncSession, principal: Principal, endpoint_id: UUID) -> WebhookEndpoint:
    """One that the caller may see. Raises NotFound or Forbidden."""
    row = await require(session, endpoint_id)
    await access.check_read(runtime, principal, row.organization_id)
    return row


async def list_(
    runtime: Runtime, session: AsyncSession, principal: Principal, query: EndpointQuery
) -> Slice[WebhookEndpoint]:
    """A page, oldest first, of an organization's; of all for the operator's staff."""
    organization_id = await access.readable(runtime, principal, query.organization_id)
    statement = select(WebhookEndpoint).where(WebhookEndpoint.deleted_at.is_(None)).order_by(WebhookEndpoint.id)
    if organization_id is not None:
        statement = statement.where(WebhookEndpoint.organization_id == organization_id)
    if query.status is not None:
        statement = statement.where(WebhookEndpoint.status == query.status)
    return await page_of(session, statement, query.page)


def types() -> Slice[tuple[str, EventType]]:
    """The catalogue, whole."""
    known = list(catalogue.event_types().items())
    return Slice(known, len(known), Page(len(known), 0))


def attributes(row: WebhookEndpoint, secret: str | None = None) -> EndpointAttributes:
    """A row as it goes out, with its key where it has just been made."""
    return EndpointAttributes(
        organization_id=row.organization_id,
        url=row.url,
        description=row.description,
        event_types=row.event_types,
        status=row.status,  # pyright: ignore[reportArgumentType]
        paused_reason=row.paused_reason,  # pyright: ignore[reportArgumentType]
        paused_time=row.paused_at,
        failing_since=row.failing_since,
        old_secret_until=row.old_secret_until,
        created_time=row.created_at,
        last_modified_time=row.updated_at,
        secret=secret or UNSET,
    )
