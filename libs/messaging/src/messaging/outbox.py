"""Announcing events: a row in the caller's transaction, which the relay publishes after the commit."""

import asyncio
from collections.abc import Sequence
from contextvars import ContextVar
from typing import Any, NamedTuple
from uuid import UUID
from weakref import WeakSet

import msgspec
from contracts.event import Event, key, subject
from kernel import uuid7
from sqlalchemy import event as orm_events
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

from messaging import failpoints
from messaging.envelope import MAX_BYTES
from messaging.tracing import current_traceparent

PENDING = "messaging.pending"

INSERT = text("""
WITH given AS (
    SELECT *
    FROM ROWS FROM (json_to_recordset(CAST(:rows AS json)) AS (
        event_id uuid, event_type text, aggregate_type text, aggregate_id text, subject text, tenant_id uuid,
        payload json, headers json)) WITH ORDINALITY
         AS one (event_id, event_type, aggregate_type, aggregate_id, subject, tenant_id, payload, headers, place)
), counted AS (
    INSERT INTO aggregate_versions AS known (aggregate_type, aggregate_id, version)
    SELECT aggregate_type, aggregate_id, count(*) FROM given GROUP BY 1, 2 ORDER BY 1, 2
    ON CONFLICT (aggregate_type, aggregate_id) DO UPDATE SET version = known.version + EXCLUDED.version
    RETURNING aggregate_type, aggregate_id, version
)
INSERT INTO outbox (event_id, event_type, aggregate_type, aggregate_id, aggregate_version, subject, tenant_id,
                    payload, headers)
SELECT event_id, event_type, aggregate_type, aggregate_id,
       version + 1 - row_number() OVER (PARTITION BY aggregate_type, aggregate_id ORDER BY place DESC),
       subject, tenant_id, payload, headers
FROM given JOIN counted USING (aggregate_type, aggregate_id)
ORDER BY place
""")


class Cause(NamedTuple):
    """Why things happen now: the event being handled and the chain that it belongs to."""

    event_id: str | None
    correlation_id: str | None


_NOTHING = Cause(None, None)
cause: ContextVar[Cause] = ContextVar("messaging.cause", default=_NOTHING)
"""Set by consumers around each handler; an HTTP service may set `Cause(None, <request id>)`."""

_wakers: "WeakSet[asyncio.Event]" = WeakSet()


async def publish(
    session: AsyncSession,
    event: Event,
    *,
    correlation_id: str | None = None,
    causation_id: str | None = None,
) -> UUID:
    """Announce `event` in the session's transaction and return the event's id. Never commits.

    It takes the aggregate's next version and thereby holds the aggregate until the transaction ends, so versions have
    no gap and follow the order of commits. Raises ValueError for an event of more than 256 KiB.
    """
    (event_id,) = await publish_many(session, [event], correlation_id=correlation_id, causation_id=causation_id)
    return event_id


async def publish_many(
    session: AsyncSession,
    events: Sequence[Event],
    *,
    correlation_id: str | None = None,
    causation_id: str | None = None,
) -> list[UUID]:
    """Announce `events`, in their order and as `publish` does, with one statement; their ids.

    Aggregates are held in the order of their ids, so two callers with the same ones cannot wait for each other.
    """
    if not events:
        return []
    current = cause.get()
    why = {
        "causationid": causation_id or current.event_id,
        "correlationid": correlation_id or current.correlation_id,
        "traceparent": current_traceparent(),
    }
    rows = [_row(event, why) for event in events]
    await session.execute(INSERT, {"rows": msgspec.json.encode(rows).decode()})
    session.sync_session.info[PENDING] = True
    return [row["event_id"] for row in rows]


def _row(event: Event, why: dict[str, str | None]) -> dict[str, Any]:
    kind = type(event)
    payload = msgspec.json.encode(event)
    if len(payload) > MAX_BYTES:
        raise ValueError(f"{key(kind)} has {len(payload)} bytes; an event may have {MAX_BYTES}")
    event_id, aggregate_id = uuid7(), event.aggregate_id
    headers = {name: value for name, value in why.items() if value}
    headers.setdefault("correlationid", str(event_id))
    return {
        "event_id": event_id,
        "event_type": key(kind),
        "aggregate_type": f"{kind.context}.{kind.aggregate}",
        "aggregate_id": aggregate_id,
        "subject": subject(kind, aggregate_id),
        "tenant_id": event.tenant_id,
        "payload": msgspec.Raw(payload),
        "headers": headers,
    }


def waker() -> asyncio.Event:
    """An event that is set after each commit of a session that published. The caller clears it."""
    made = asyncio.Event()
    _wakers.add(made)
    return made


@orm_events.listens_for(Session, "after_commit")
def _wake(session: Session) -> None:
    if PENDING in session.info:
        failpoints.hit("outbox.after_commit")
        for made in _wakers:
            made.set()


@orm_events.listens_for(Session, "before_commit")
def _before(session: Session) -> None:
    if PENDING in session.info:
        failpoints.hit("outbox.before_commit")
