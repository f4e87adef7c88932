"""Events that were put aside: what they are, and how they are taken up again."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from messaging.incoming import Consumers
from messaging.replay import StillFails, replay
from messaging.tables import parked_events

AGGREGATES = text("""
SELECT aggregate_type, aggregate_id FROM parked_events
WHERE consumer = :consumer AND (CAST(:aggregate_type AS text) IS NULL OR aggregate_type = :aggregate_type)
AND (CAST(:aggregate_id AS text) IS NULL OR aggregate_id = :aggregate_id)
GROUP BY aggregate_type, aggregate_id ORDER BY min(parked_at)
""")
SKIP = text("""
WITH oldest AS (
    SELECT event_id, aggregate_version, reason = 'expired' AS expired FROM parked_events
    WHERE consumer = :consumer AND aggregate_type = :aggregate_type AND aggregate_id = :aggregate_id
    ORDER BY aggregate_version LIMIT 1
), removed AS (
    DELETE FROM parked_events p USING oldest
    WHERE p.consumer = :consumer AND p.event_id = oldest.event_id AND NOT oldest.expired
    RETURNING p.*
), noted AS (
    INSERT INTO inbox
        (consumer, event_id, event_type, aggregate_type, aggregate_id, aggregate_version, stream, sequence)
    SELECT consumer, event_id, 'skipped', aggregate_type, aggregate_id, aggregate_version, stream, sequence
    FROM removed WHERE aggregate_id <> '' ON CONFLICT DO NOTHING
)
UPDATE inbox_aggregates a SET version = oldest.aggregate_version - CAST(oldest.expired AS int) FROM oldest
WHERE a.consumer = :consumer AND a.aggregate_type = :aggregate_type AND a.aggregate_id = :aggregate_id
AND a.version < oldest.aggregate_version - CAST(oldest.expired AS int)
""")
"""Pass over an event that fails; where the earlier versions have expired, pass over those and keep the event."""


class Parked(msgspec.Struct, frozen=True, kw_only=True):
    """One event that was put aside. `envelope` is filled by `show` only."""

    consumer: str
    event_id: UUID
    aggregate_type: str
    aggregate_id: str
    aggregate_version: int
    subject: str
    stream: str
    sequence: int
    reason: str
    error: str
    attempts: int
    parked_at: datetime
    envelope: str | None = None


async def list_parked(session: AsyncSession, *, limit: int = 200) -> list[Parked]:
    """The oldest parked events of a service's database, in the order in which a retry takes them."""
    columns = [column for column in parked_events.c if column.name not in ("envelope", "headers")]
    statement = select(*columns).order_by(
        parked_events.c.aggregate_type, parked_events.c.aggregate_id, parked_events.c.aggregate_version
    )
    rows = (await session.execute(statement.limit(limit))).mappings()
    return [Parked(**row) for row in rows]


async def show(session: AsyncSession, event_id: UUID) -> Parked | None:
    """One parked event with the text that arrived; bytes that are no UTF-8 are escaped."""
    statement = select(parked_events).where(parked_events.c.event_id == event_id)
    row = (await session.execute(statement)).mappings().one_or_none()
    if row is None:
        return None
    values: dict[str, Any] = {name: value for name, value in row.items() if name != "headers"}
    values["envelope"] = bytes(row["envelope"]).decode(errors="backslashreplace")
    return Parked(**values)


async def retry(
    sessions: async_sessionmaker[AsyncSession],
    consumer: str,
    table: Consumers,
    *,
    aggregate_type: str | None = None,
    aggregate_id: str | None = None,
    skip: bool = False,
) -> int:
    """Apply parked events in order, of one aggregate or of all, and let the aggregates go on.

    `skip` first passes over the oldest event of each, for one that can never be applied; where its earlier versions
    have expired at the owner it passes over those instead. Returns how many events were
    applied. Raises StillFails with the first error when nothing could be applied.
    """
    values = {"consumer": consumer, "aggregate_type": aggregate_type, "aggregate_id": aggregate_id}
    async with sessions() as session:
        aggregates = [(row.aggregate_type, row.aggregate_id) for row in await session.execute(AGGREGATES, values)]
    applied, failure = 0, None
    for aggregate in aggregates:
        if skip:
            await _skip(sessions, consumer, aggregate)
        try:
            applied += await replay(sessions, consumer, aggregate, table, retrying=True)
        except StillFails as error:
            failure = failure or error
    if failure is not None and not applied and not skip:
        raise failure
    return applied


async def _skip(sessions: async_sessionmaker[AsyncSession], consumer: str, aggregate: tuple[str, str]) -> None:
    async with sessions.begin() as session:
        values = {"consumer": consumer, "aggregate_type": aggregate[0], "aggregate_id": aggregate[1]}
        await session.execute(SKIP, values)
