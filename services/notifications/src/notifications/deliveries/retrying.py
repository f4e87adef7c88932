"""Sending again what was given up."""

from datetime import timedelta
from uuid import UUID

from chassis.principal import Principal
from chassis.runtime import Runtime
from contracts.notifications import DeliveryRetried
from kernel import Conflict, NotFound, now
from messaging import publish
from sqlalchemy import event as orm_events
from sqlalchemy.ext.asyncio import AsyncSession

from notifications import access
from notifications.deliveries.models import Delivery
from notifications.deliveries.waking import wake

TRIED_FOR = timedelta(hours=24)
GIVEN_UP = ("failed", "bounced")


async def retry(session: AsyncSession, runtime: Runtime, principal: Principal, delivery_id: UUID) -> Delivery:
    """Let a delivery that failed or bounced be tried anew, from its first wait on.

    Raises NotFound or Forbidden; Conflict where it was not given up, was a test, or its message has expired: there is
    nothing left to send then.
    """
    row = await session.get(Delivery, delivery_id, with_for_update={"key_share": True})
    if row is None:
        raise NotFound
    await access.check_write(runtime, principal, row.organization_id)
    if row.status not in GIVEN_UP:
        raise Conflict("Only what was given up can be sent again.", code="not-given-up")
    if row.test or (row.expires_at is not None and row.expires_at <= now()):
        raise Conflict("The message has expired.", code="expired")
    row.status, row.reason, row.settled_at = "pending", None, None
    row.bounce_type = row.bounce_subtype = None
    row.attempts, row.next_attempt_at = 0, now()
    row.expires_at = row.expires_at or now() + TRIED_FOR
    await session.flush()
    await publish(
        session,
        DeliveryRetried(
            delivery_id=row.id, message_id=row.message_id, by=principal.user_id, organization_id=row.organization_id
        ),
    )
    orm_events.listen(session.sync_session, "after_commit", wake, once=True)
    return row
