"""Making, changing, pausing and removing endpoints, and changing their keys."""

from datetime import timedelta
from uuid import UUID

from chassis.principal import Principal
from chassis.runtime import Runtime
from contracts.notifications import (
    WebhookEndpointCreated,
    WebhookEndpointDeleted,
    WebhookEndpointUpdated,
    WebhookSecretRotated,
)
from kernel import Conflict, Invalid, now, uuid7
from messaging import publish
from msgspec import UNSET
from sqlalchemy import delete as sql_delete
from sqlalchemy import event as orm_events
from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from notifications.deliveries.waking import wake
from notifications.webhook_endpoints import access, addresses, catalogue, queries, secrets
from notifications.webhook_endpoints.models import WebhookDelivery, WebhookEndpoint
from notifications.webhook_endpoints.schemas import EndpointChanges, NewEndpoint

MOST_ENDPOINTS = 20
"""Of one organization."""

ALONE = text("SELECT pg_advisory_xact_lock(hashtextextended(:organization_id, 11))")


async def create(
    runtime: Runtime, session: AsyncSession, principal: Principal, new: NewEndpoint
) -> tuple[WebhookEndpoint, str]:
    """Make an endpoint and its key, which is shown once. Raises NotFound, Forbidden, Invalid, or Conflict: too many."""
    organization_id = new.organization_id or principal.organization_id
    await access.check_write(runtime, principal, organization_id)
    if organization_id is None:
        raise Invalid("Name the organization.", pointer="/data/attributes/organization-id", code="required")
    types = catalogue.checked(new.event_types)
    url = await addresses.check(runtime, new.url)
    await _check_room(session, organization_id)
    endpoint_id, secret = uuid7(), secrets.made()
    row = WebhookEndpoint(
        id=endpoint_id,
        organization_id=organization_id,
        url=url,
        description=new.description,
        event_types=types,
        secret=secrets.seal(runtime.settings.webhook_key, endpoint_id, secret),
    )
    session.add(row)
    await session.flush()
    await session.refresh(row)
    await publish(session, WebhookEndpointCreated(webhook_endpoint_id=row.id, organization_id=organization_id))
    return row, secrets.shown(secret)


async def update(
    runtime: Runtime, session: AsyncSession, principal: Principal, endpoint_id: UUID, changes: EndpointChanges
) -> WebhookEndpoint:
    """Change what is given. Raises as `create` does."""
    row = await writable(runtime, session, principal, endpoint_id)
    if changes.url is not UNSET:
        row.url = await addresses.check(runtime, changes.url)
    if changes.event_types is not UNSET:
        row.event_types = catalogue.checked(changes.event_types)
    if changes.description is not UNSET:
        row.description = changes.description
    if changes.status is not UNSET and changes.status != row.status:
        _pause(row) if changes.status == "paused" else _resume(session, row)
    if not session.is_modified(row):
        return row
    row.updated_at = func.clock_timestamp()
    await session.flush()
    await session.refresh(row)
    changed = WebhookEndpointUpdated(
        webhook_endpoint_id=row.id,
        organization_id=row.organization_id,
        status=row.status,  # pyright: ignore[reportArgumentType]
    )
    await publish(session, changed)
    return row


async def rotate(
    runtime: Runtime, session: AsyncSession, principal: Principal, endpoint_id: UUID, overlap_hours: int
) -> tuple[WebhookEndpoint, str]:
    """Another key, told once; the one before signs beside it for `overlap_hours`, any older one no more."""
    row = await writable(runtime, session, principal, endpoint_id)
    secret = secrets.made()
    row.old_secret = row.secret if overlap_hours else None
    row.old_secret_until = now() + timedelta(hours=overlap_hours) if overlap_hours else None
    row.secret = secrets.seal(runtime.settings.webhook_key, row.id, secret)
    row.updated_at = func.clock_timestamp()
    await session.flush()
    await session.refresh(row)
    await publish(session, WebhookSecretRotated(webhook_endpoint_id=row.id, organization_id=row.organization_id))
    return row, secrets.shown(secret)


async def delete(runtime: Runtime, session: AsyncSession, principal: Principal, endpoint_id: UUID) -> None:
    """Remove an endpoint; what is under way to it may still arrive. Its address and keys go now, its log follows."""
    row = await writable(runtime, session, principal, endpoint_id)
    row.deleted_at = row.paused_at = now()
    row.status, row.paused_reason, row.notice_due = "paused", "gone", False
    row.url, row.description, row.secret, row.old_secret = "", "", b"", None
    waiting = (WebhookDelivery.endpoint_id == row.id, WebhookDelivery.test, WebhookDelivery.status == "pending")
    await session.execute(sql_delete(WebhookDelivery).where(*waiting))
    await session.flush()
    await publish(session, WebhookEndpointDeleted(webhook_endpoint_id=row.id, organization_id=row.organization_id))


async def writable(runtime: Runtime, session: AsyncSession, principal: Principal, endpoint_id: UUID) -> WebhookEndpoint:
    """An endpoint that the caller may change, locked. Raises NotFound or Forbidden."""
    row = await queries.require(session, endpoint_id, lock=True)
    await access.check_write(runtime, principal, row.organization_id)
    return row


async def _check_room(session: AsyncSession, organization_id: UUID) -> None:
    """Raises Conflict where the organization has as many as it may; nobody else of it makes one meanwhile."""
    await session.execute(ALONE, {"organization_id": str(organization_id)})
    mine = (WebhookEndpoint.organization_id == organization_id, WebhookEndpoint.deleted_at.is_(None))
    if (await session.execute(select(func.count()).where(*mine))).scalar_one() >= MOST_ENDPOINTS:
        raise Conflict(f"An organization has at most {MOST_ENDPOINTS} endpoints.", code="too-many-endpoints")


def _pause(row: WebhookEndpoint) -> None:
    row.status, row.paused_reason, row.paused_at = "paused", "asked", now()


def _resume(session: AsyncSession, row: WebhookEndpoint) -> None:
    """Nothing is held against the endpoint any more, and what waits goes out."""
    row.status, row.paused_reason, row.paused_at, row.notice_due = "active", None, None, False
    row.failures, row.failing_since, row.hold_until = 0, None, None
    orm_events.listen(session.sync_session, "after_commit", wake, once=True)
