"""Orders to erase somebody: taken down once, so that what has to be done outlives the process."""

from datetime import datetime
from uuid import UUID

import msgspec
from contracts.erasure import DeletionPurgeRequested
from messaging import Consumers, Meta
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.erasure.plans import Counts

TAKE_DOWN = text("""
    INSERT INTO erasures AS known (reference_id, request_id, user_id, individual_ids, archive)
    VALUES (:reference_id, :request_id, :user_id, :individual_ids, :archive)
    ON CONFLICT (reference_id) DO UPDATE
       SET state = CASE WHEN known.state = 'reported' THEN 'erased' ELSE known.state END,
           next_attempt_at = clock_timestamp()
""")
ERASED = text("SELECT true FROM erasures WHERE user_id = :user_id LIMIT 1")


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """What this service is to erase; `state` is wanted or erased."""

    reference_id: UUID
    request_id: UUID
    state: str
    attempts: int
    counts: Counts
    archive: bool
    erased_at: datetime | None


def consumers(service: str) -> Consumers:
    """The consumer that takes down orders for `service`."""

    async def on_purge_requested(session: AsyncSession, event: DeletionPurgeRequested, _: Meta) -> None:
        if event.app == service:
            await take_down(session, event)

    return {DeletionPurgeRequested: on_purge_requested}


async def take_down(session: AsyncSession, order: DeletionPurgeRequested) -> None:
    """Keep an order. One that was carried out and reported already is checked and reported once more."""
    values = {
        "reference_id": order.reference_id,
        "request_id": order.deletion_request_id,
        "user_id": order.user_id,
        "individual_ids": list(order.individual_ids),
        "archive": order.archive,
    }
    await session.execute(TAKE_DOWN, values)


async def is_erased(session: AsyncSession, user_id: UUID) -> bool:
    """Whether a login was, or is about to be, erased here: what others still tell of it is passed over."""
    return await session.scalar(ERASED, {"user_id": user_id}) is not None
