"""Outbox, relay, inbox and consumers over NATS JetStream: events at least once, complete, in order by aggregate.

Announce, in the caller's transaction (never commits):

    await publish(session, GroupMoved(group_id=..., ...))

Read other contexts' events: a table in `services/<s>/src/<s>/consumers.py`. A handler runs in one transaction with its
inbox row, once for each event, in the aggregate's order. All events of each aggregate in the table are read:

    async def on_group_moved(session: AsyncSession, event: GroupMoved, meta: Meta) -> None: ...

    table: Consumers = {GroupMoved: on_group_moved}

What a handler raises is tried again and, after 8 deliveries, parks the aggregate. `Later(seconds)`, kernel.Unavailable
and lost connections hold the event instead, for as long as it takes.

Run, once a process (`service` is also the context it publishes):

    async with Messaging("orgs", database_url=..., sessions=session_maker(engine), nats_url=..., nats_user=...,
                         nats_password=..., consumers=table, worker=True) as messaging:
        messaging.connected

Follow a stream from a point on, in each process for itself (see `messaging.tail`):

    feed = await messaging.tail("identity", [SessionEnded], on_batch, since=now() - timedelta(hours=1))

    async def on_batch(entries: list[Entry]) -> None: ...   # entry.sequence, .envelope, .event (None if not known)

    await feed.caught_up.wait(); feed.sequence; feed.silence; await feed.stop()

Tables: `messaging.migrations.create(op)` in a service's first migration; Core tables in `messaging.tables`.
Operators: `messaging.dead_letters`, `messaging.audit`, `messaging.republish`, `messaging.permissions`,
`python -m messaging.asyncapi`.
"""

from messaging.connection import Connection, connect
from messaging.durables import ConsumerSettings
from messaging.faults import Later
from messaging.incoming import Consumers, Handler, Meta
from messaging.outbox import Cause, cause, publish, publish_many
from messaging.service import Messaging
from messaging.tail import Entry, Tail

__all__ = [
    "Cause",
    "Connection",
    "ConsumerSettings",
    "Consumers",
    "Entry",
    "Handler",
    "Later",
    "Messaging",
    "Meta",
    "Tail",
    "cause",
    "connect",
    "publish",
    "publish_many",
]
