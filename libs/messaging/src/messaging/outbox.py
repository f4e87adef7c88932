"""Announcing events: a row in the caller's transaction, which the relay publishes after the commit."""

import asyncio
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
WITH counted AS (
    INSERT INTO aggregate_versions AS known (aggregate_type, aggregate_id, version)
    VALUES (:aggregate_type, :aggregate_id, 1)
    ON CONFLICT (aggregate_type, aggregate_id) DO UPDATE SET version = known.version + 1
    RETURNING version
)
INSERT INTO outbox (event_id, event_type, aggregate_type, aggregate_id, aggregate_version, subject, tenant_id,
                    payload, headers)
SELECT :event_id, CAST(:event_type AS text), CAST(:aggregate_type AS text), CAST(:aggregate_id AS text), version,
       CAST(:subject AS text), CAST(:tenant_id AS uuid), CAST(:payload AS json), CAST(:headers AS json)
FROM counted
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
    kind = type(event)
    payload = msgspec.json.encode(event)
    if len(payload) > MAX_BYTES:
        raise ValueError(f"{key(kind)} has {len(payload)} bytes; an event may have {MAX_BYTES}")
    event_id = uuid7()
    current = cause.get()
    headers = {
        "causationid": causation_id or current.event_id,
        "correlationid": correlation_id or current.correlation_id or str(event_id),
        "traceparent": current_traceparent(),
    }
    aggregate_id = event.aggregate_id
    values: dict[str, Any] = {
        "event_id": event_id,
        "event_type": key(kind),
        "aggregate_type": f"{kind.context}.{kind.aggregate}",
        "aggregate_id": aggregate_id,
        "subject": subject(kind, aggregate_id),
        "tenant_id": event.tenant_id,
        "payload": payload.decode(),
        "headers": msgspec.json.encode({name: value for name, value in headers.items() if value}).decode(),
    }
    await session.execute(INSERT, values)
    session.sync_session.info[PENDING] = True
    return event_id


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
