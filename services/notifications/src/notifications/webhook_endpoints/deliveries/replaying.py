"""Sending again what was given up, or what the receiver has lost."""

from typing import Any
from uuid import UUID

from chassis.principal import Principal
from chassis.runtime import Runtime
from kernel import Conflict
from sqlalchemy import event as orm_events
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from notifications.deliveries.waking import wake
from notifications.webhook_endpoints import commands
from notifications.webhook_endpoints.deliveries import queries
from notifications.webhook_endpoints.deliveries.schemas import Replay, Replayed
from notifications.webhook_endpoints.models import WebhookDelivery, WebhookEndpoint

MOST_AT_ONCE = 10_000

AGAIN = """
    status = 'pending', tries = 0, next_attempt_at = clock_timestamp(), ends_at = NULL, lease_id = NULL,
    settled_at = NULL, updated_at = clock_timestamp()
"""
ONE = text(f"""
UPDATE webhook_deliveries SET {AGAIN} WHERE id = :id AND (status <> 'pending' OR lease_id IS NULL)
""")  # noqa: S608 words of ours
MANY = text(f"""
WITH chosen AS (
    SELECT id, created_at FROM webhook_deliveries
     WHERE endpoint_id = :endpoint_id AND created_at >= :since AND NOT test AND status = ANY (:statuses)
     ORDER BY created_at, id LIMIT :most FOR UPDATE
), changed AS (
    UPDATE webhook_deliveries d SET {AGAIN} FROM chosen WHERE d.id = chosen.id
)
SELECT count(*) AS replayed, max(created_at) AS until FROM chosen
""")  # noqa: S608 words of ours


async def replay(
    runtime: Runtime, session: AsyncSession, principal: Principal, endpoint_id: UUID, delivery_id: UUID
) -> WebhookDelivery:
    """Send one delivery again, at once and for a day. Raises NotFound, Forbidden, or Conflict while it is paused."""
    endpoint = await _active(runtime, session, principal, endpoint_id)
    row = await queries.require(session, endpoint.id, delivery_id, lock=True)
    await session.execute(ONE, {"id": row.id})
    await session.refresh(row)
    _wake_after(session)
    return row


async def replay_since(
    runtime: Runtime, session: AsyncSession, principal: Principal, endpoint_id: UUID, wanted: Replay
) -> Replayed:
    """Send again what was recorded since a time, at most 10,000 deliveries, oldest first. Raises as `replay` does."""
    endpoint = await _active(runtime, session, principal, endpoint_id)
    values: dict[str, Any] = {
        "endpoint_id": endpoint.id,
        "since": wanted.since,
        "statuses": ["failed", "delivered"] if wanted.include_delivered else ["failed"],
        "most": MOST_AT_ONCE,
    }
    row = (await session.execute(MANY, values)).one()
    _wake_after(session)
    return Replayed(row.replayed, row.replayed < MOST_AT_ONCE, row.until)


async def _active(runtime: Runtime, session: AsyncSession, principal: Principal, endpoint_id: UUID) -> WebhookEndpoint:
    endpoint = await commands.writable(runtime, session, principal, endpoint_id)
    if endpoint.status != "active":
        raise Conflict("The endpoint is paused; make it active first.", code="endpoint-paused")
    return endpoint


def _wake_after(session: AsyncSession) -> None:
    orm_events.listen(session.sync_session, "after_commit", wake, once=True)
