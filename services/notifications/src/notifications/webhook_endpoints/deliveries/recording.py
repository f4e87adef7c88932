"""Writing down what is to be sent: an event for each endpoint that wants it, or a test."""

from datetime import timedelta
from uuid import UUID

from chassis.principal import Principal
from chassis.runtime import Runtime
from contracts.event import REGISTRY, Event
from kernel import TooManyRequests, now, uuid7
from messaging import Consumers, Meta
from sqlalchemy import event as orm_events
from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from notifications.deliveries.waking import wake
from notifications.webhook_endpoints import catalogue, commands
from notifications.webhook_endpoints.models import WebhookDelivery

TESTS_AN_HOUR = 20

RECORD = text("""
INSERT INTO webhook_deliveries (id, organization_id, endpoint_id, event_id, event_type, payload)
SELECT gen_random_uuid(), e.organization_id, e.id, :event_id, :event_type, :payload FROM webhook_endpoints e
 WHERE e.organization_id = :organization_id AND e.created_at <= :occurred_at
   AND e.paused_reason IS DISTINCT FROM 'gone' AND (e.event_types = '{}' OR :event_type = ANY (e.event_types))
ON CONFLICT (endpoint_id, event_id) DO NOTHING
""")


async def on_event(session: AsyncSession, event: Event, meta: Meta) -> None:
    """Record an event for the endpoints of its organization that want it; the same event again changes nothing.

    Events from before an endpoint was made are not for it: a stream that is read again from its start sends none.
    """
    if (organization_id := event.tenant_id) is None:
        return
    values = {
        "organization_id": organization_id,
        "event_id": meta.event_id,
        "event_type": catalogue.type_of(type(event)),
        "payload": catalogue.payload(event, organization_id, meta.event_id, meta.occurred_at),
        "occurred_at": meta.occurred_at,
    }
    recorded = await session.execute(RECORD, values)
    if recorded.rowcount:  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]
        orm_events.listen(session.sync_session, "after_commit", wake, once=True)


async def record_test(
    runtime: Runtime, session: AsyncSession, principal: Principal, endpoint_id: UUID
) -> WebhookDelivery:
    """Record a test of an endpoint. Raises NotFound, Forbidden, or TooManyRequests."""
    endpoint = await commands.writable(runtime, session, principal, endpoint_id)
    tests = (WebhookDelivery.endpoint_id == endpoint.id, WebhookDelivery.test)
    lately = select(func.count()).where(*tests, WebhookDelivery.created_at > now() - timedelta(hours=1))
    if (await session.execute(lately)).scalar_one() >= TESTS_AN_HOUR:
        raise TooManyRequests(f"At most {TESTS_AN_HOUR} tests of an endpoint an hour.", retry_after=600)
    event_id = uuid7()
    row = WebhookDelivery(
        organization_id=endpoint.organization_id,
        endpoint_id=endpoint.id,
        event_id=event_id,
        event_type=catalogue.TEST,
        payload=catalogue.test_payload(endpoint.id, endpoint.organization_id, event_id, now()),
        test=True,
    )
    session.add(row)
    await session.flush()
    await session.refresh(row)
    orm_events.listen(session.sync_session, "after_commit", wake, once=True)
    return row


table: Consumers = {kind: on_event for kind in REGISTRY.values() if catalogue.public(kind)}
"""Every event that may leave."""
