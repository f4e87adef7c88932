"""What happens to a delivery's row: recorded, claimed, put off, settled."""

import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
from contracts.identity import MessageRequested
from contracts.notifications import DeliverySettled
from kernel import now, uuid7
from messaging import publish, publish_many
from messaging.tracing import current_traceparent
from sqlalchemy import ColumnElement, func, select, text, tuple_, update
from sqlalchemy import event as orm_events
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from notifications.deliveries.models import Delivery
from notifications.deliveries.waking import wake
from notifications.email_logs.models import EmailLog
from notifications.templates.models import MessageTemplate
from notifications.templates.types import BULK

LEASE = timedelta(seconds=30)
FIRST_WAIT = 1.0
LONGEST_WAIT = 60.0
LONGEST_EXPONENT = 10
KEPT_TRYING = timedelta(hours=24)
TEST_LASTS = timedelta(hours=1)
PERMANENT, GENERAL = "Permanent", "General"

CLAIM = text("""
WITH account AS (
    SELECT id FROM deliveries
     WHERE status = 'pending' AND NOT bulk AND next_attempt_at <= statement_timestamp()
       AND (lease_until IS NULL OR lease_until <= clock_timestamp())
     ORDER BY next_attempt_at, id LIMIT :most FOR UPDATE SKIP LOCKED),
many AS (
    SELECT id FROM deliveries
     WHERE status = 'pending' AND bulk AND next_attempt_at <= statement_timestamp()
       AND (lease_until IS NULL OR lease_until <= clock_timestamp())
     ORDER BY next_attempt_at, id LIMIT :most - (SELECT count(*) FROM account) FOR UPDATE SKIP LOCKED)
UPDATE deliveries SET lease_id = :lease, lease_until = clock_timestamp() + :duration, attempts = attempts + 1
 WHERE id IN (SELECT id FROM account UNION ALL SELECT id FROM many)
RETURNING id, message_id, type, channel, user_id, organization_id, attempts, created_at, expires_at, lease_id,
          traceparent, template_id, template_version, test, bulk, next_attempt_at, slot_at
""")
"""What organizations send to many comes after what is about somebody's account, however much it is.

The time of the statement is one that the index can be searched by, so what is not due costs nothing.
"""


class Claimed(msgspec.Struct, frozen=True, kw_only=True):
    """A delivery that this worker holds until its lease ends."""

    id: UUID
    message_id: UUID
    type: str
    channel: str
    user_id: UUID | None
    organization_id: UUID | None
    attempts: int
    created_at: datetime
    expires_at: datetime | None
    lease_id: UUID
    traceparent: str | None
    template_id: UUID | None = None
    template_version: int | None = None
    test: bool = False
    bulk: bool = False
    next_attempt_at: datetime
    slot_at: datetime | None = None

    @property
    def ends_at(self) -> datetime:
        """When there is no use in trying any more."""
        return self.expires_at or self.created_at + KEPT_TRYING


class LeaseLost(Exception):
    """Another worker has the delivery now."""


class MailFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What the log of mails says of one."""

    message_id: str
    source: str
    destination: str
    subject: str


async def record(session: AsyncSession, event: MessageRequested) -> None:
    """Make the delivery of a message, once however often it is asked for."""
    values = {
        "id": uuid7(),
        "message_id": event.message_id,
        "type": event.type,
        "channel": event.channel,
        "user_id": event.user_id,
        "organization_id": event.organization_id,
        "expires_at": event.expires_at,
        "traceparent": current_traceparent(),
        "bulk": event.type in BULK,
    }
    await session.execute(insert(Delivery).values(values).on_conflict_do_nothing(index_elements=["message_id"]))
    orm_events.listen(session.sync_session, "after_commit", wake, once=True)


async def record_test(session: AsyncSession, user_id: UUID, template: MessageTemplate) -> UUID:
    """Make the delivery of a template to who asked for it; its id."""
    delivery_id = uuid7()
    values = {
        "id": delivery_id,
        "message_id": uuid7(),
        "type": template.type,
        "channel": template.channel,
        "user_id": user_id,
        "organization_id": template.organization_id,
        "expires_at": now() + TEST_LASTS,
        "template_id": template.id,
        "template_version": template.version,
        "test": True,
        "traceparent": current_traceparent(),
    }
    await session.execute(insert(Delivery).values(values))
    orm_events.listen(session.sync_session, "after_commit", wake, once=True)
    return delivery_id


async def tests_lately(session: AsyncSession, user_id: UUID) -> int:
    """How many tests a person asked for in the last hour."""
    recent = (Delivery.user_id == user_id, Delivery.test, Delivery.created_at > now() - timedelta(hours=1))
    return (await session.execute(select(func.count()).select_from(Delivery).where(*recent))).scalar_one()


async def claim(session: AsyncSession, most: int) -> list[Claimed]:
    """Take up to `most` deliveries that are due. In their order; a worker that dies loses them when the lease ends."""
    rows = await session.execute(CLAIM, {"lease": uuid7(), "duration": LEASE, "most": most})
    found = [Claimed(**row) for row in rows.mappings()]
    return sorted(found, key=lambda one: (one.bulk, one.next_attempt_at, one.id))


async def release(session: AsyncSession, batch: Sequence[Claimed]) -> None:
    """Let go of deliveries that were claimed and not begun: another worker need not wait for their leases."""
    held = tuple_(Delivery.id, Delivery.lease_id).in_([(one.id, one.lease_id) for one in batch])
    values = {"lease_id": None, "lease_until": None, "attempts": Delivery.attempts - 1}
    await session.execute(update(Delivery).where(held, Delivery.status == "pending").values(values))


async def postpone(session: AsyncSession, claimed: Claimed, reason: str) -> None:
    """Try again later: exponential backoff with full jitter over its upper half, not past the message's end."""
    longest = min(LONGEST_WAIT, FIRST_WAIT * 2 ** min(claimed.attempts - 1, LONGEST_EXPONENT))
    wait = longest * random.uniform(0.5, 1.0)  # noqa: S311 jitter, not a secret
    values = {
        "lease_id": None,
        "lease_until": None,
        "reason": reason,
        "next_attempt_at": min(now() + timedelta(seconds=wait), claimed.ends_at),
    }
    await session.execute(update(Delivery).where(*_held(claimed)).values(values))


async def hold(session: AsyncSession, batch: Sequence[Claimed]) -> set[UUID]:
    """Write that deliveries are sent, and lock them; the ids of those that this worker still holds."""
    settled_at = now()
    values = {"status": "sent", "reason": None, "settled_at": settled_at, "lease_id": None, "lease_until": None}
    wanted = tuple_(Delivery.id, Delivery.lease_id).in_([(one.id, one.lease_id) for one in batch])
    locked = select(Delivery.id).where(wanted, Delivery.status == "pending").order_by(Delivery.id)
    locked = locked.with_for_update(key_share=True)
    changed = update(Delivery).where(Delivery.id.in_(locked)).values(values).returning(Delivery.id)
    return set(await session.scalars(changed))


async def give_back(session: AsyncSession, batch: Sequence[Claimed]) -> None:
    """Undo `hold` of what was not taken after all: the worker holds it as before."""
    for one in batch:
        values = {"status": "pending", "settled_at": None, "lease_id": one.lease_id, "lease_until": now() + LEASE}
        await session.execute(update(Delivery).where(Delivery.id == one.id).values(values))


async def announce_sent(session: AsyncSession, batch: Sequence[Claimed]) -> None:
    """Tell that deliveries were handed over."""
    settled_at = now()
    await publish_many(session, [_settled(one, "sent", settled_at) for one in batch])


async def settle(session: AsyncSession, claimed: Claimed, status: str, reason: str | None = None) -> None:
    """End a delivery and announce it. Raises LeaseLost when another worker holds it or has settled it."""
    settled_at = now()
    bounce: dict[str, str | None] = {
        "bounce_type": PERMANENT if status == "bounced" else None,
        "bounce_subtype": GENERAL if status == "bounced" else None,
    }
    outcome = {"status": status, "reason": reason, "settled_at": settled_at}
    values = {**outcome, **bounce, "lease_id": None, "lease_until": None}
    changed = await session.execute(update(Delivery).where(*_held(claimed)).values(values).returning(Delivery.id))
    if changed.first() is None:
        raise LeaseLost
    await publish(session, _settled(claimed, status, settled_at, reason=reason, **bounce))


def _settled(claimed: Claimed, status: str, settled_at: datetime, **more: str | None) -> DeliverySettled:
    return DeliverySettled(
        delivery_id=claimed.id,
        message_id=claimed.message_id,
        status=status,  # pyright: ignore[reportArgumentType]
        settled_at=settled_at,
        user_id=claimed.user_id,
        organization_id=claimed.organization_id,
        **more,
    )


async def log_mails(
    session: AsyncSession, mails: Sequence[tuple[Claimed, MailFacts]], *, bounce: str | None = None
) -> None:
    """Write mails into the log: taken by the server, or refused for good with `bounce` as its reply."""
    if mails:
        await session.execute(insert(EmailLog).values([_logged(*one, bounce) for one in mails]))


def _logged(claimed: Claimed, facts: MailFacts, bounce: str | None) -> dict[str, Any]:
    return {
        "delivery_id": claimed.id,
        "organization_id": claimed.organization_id,
        "user_id": claimed.user_id,
        "ses_id": facts.message_id,
        "notification_type": "Delivery" if bounce is None else "Bounce",
        "bounce_type": None if bounce is None else PERMANENT,
        "bounce_subtype": None if bounce is None else GENERAL,
        "source": facts.source,
        "destination": facts.destination,
        "subject": facts.subject,
        "ses_raw": {"attempts": claimed.attempts} | ({} if bounce is None else {"reply": bounce}),
    }


def _held(claimed: Claimed) -> tuple[ColumnElement[bool], ...]:
    return Delivery.id == claimed.id, Delivery.lease_id == claimed.lease_id, Delivery.status == "pending"
