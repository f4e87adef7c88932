"""Writing down what is to be sent: an event for each endpoint that wants it, or a test."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

import msgspec
from chassis.principal import Principal
from chassis.runtime import Runtime
from contracts.event import Event
from kernel import TooManyRequests, now, uuid7
from sqlalchemy import event as orm_events
from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from notifications.deliveries.waking import wake
from notifications.webhook_endpoints import catalogue, commands
from notifications.webhook_endpoints.models import WebhookDelivery

TESTS_AN_HOUR = 20

ORGANIZATIONS = """
SELECT DISTINCT organization_id FROM webhook_endpoints WHERE organization_id = ANY ($1) AND deleted_at IS NULL
"""
RECORD = text("""
INSERT INTO webhook_deliveries (id, organization_id, endpoint_id, event_id, event_type, payload)
SELECT gen_random_uuid(), e.organization_id, e.id, told.event_id, told.event_type, told.payload
  FROM json_to_recordset(CAST(:rows AS json)) AS told (
       organization_id uuid, event_id uuid, event_type text, payload text, occurred_at timestamptz)
  JOIN webhook_endpoints e ON e.organization_id = told.organization_id AND e.created_at <= told.occurred_at
   AND e.paused_reason IS DISTINCT FROM 'gone' AND (e.event_types = '{}' OR told.event_type = ANY (e.event_types))
 WHERE told.occurred_at > now() - interval '30 days'
ON CONFLICT (endpoint_id, event_id) DO NOTHING
""")


class Happened(msgspec.Struct, frozen=True):
    """An event of an organization that may leave."""

    organization_id: UUID
    event_id: UUID
    occurred_at: datetime
    event: Event


async def heard(runtime: Runtime, happened: Sequence[Happened]) -> list[Happened]:
    """Those events whose organization has an endpoint at all."""
    if not happened:
        return []
    rows = await runtime.row.all(ORGANIZATIONS, sorted({one.organization_id for one in happened}))
    organizations = {row[0] for row in rows}
    return [one for one in happened if one.organization_id in organizations]


async def record(session: AsyncSession, happened: Sequence[Happened]) -> None:
    """Record events for the endpoints of their organizations that want them; the same event again changes nothing.

    Events from before an endpoint was made are not for it, and none is that is older than the log: a stream that is
    read again from its start sends nothing twice.
    """
    rows = [
        {
            "organization_id": one.organization_id,
            "event_id": one.event_id,
            "event_type": catalogue.type_of(type(one.event)),
            "payload": catalogue.payload(one.event, one.organization_id, one.event_id, one.occurred_at),
            "occurred_at": one.occurred_at,
        }
        for one in happened
    ]
    await session.execute(RECORD, {"rows": msgspec.json.encode(rows).decode()})
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
