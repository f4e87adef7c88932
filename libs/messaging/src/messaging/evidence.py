"""What an auditor reads: outboxes, streams and inboxes, without changing anything."""

import asyncio
from collections.abc import Mapping
from datetime import datetime
from secrets import token_hex
from typing import Any
from uuid import UUID

import asyncpg
import msgspec
from contracts.event import stream as stream_of
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.js import api
from nats.js.errors import NotFoundError

from messaging.envelope import MSG_ID, aggregate_of, event_id_of
from messaging.pull import pull

READ_ONLY = {"default_transaction_read_only": "on", "application_name": "audit"}

OUTBOX = "SELECT event_id, aggregate_type, aggregate_id, aggregate_version, created_at, published_at FROM outbox"
VERSIONS = "SELECT aggregate_type, aggregate_id, version FROM aggregate_versions"
INBOX = "SELECT consumer, event_id, aggregate_type, aggregate_id, aggregate_version FROM inbox"
APPLIED = "SELECT consumer, aggregate_type, aggregate_id, version, state FROM inbox_aggregates"
TABLES = (
    "SELECT to_regclass('applied_positions') IS NOT NULL, to_regclass('quarantined_events') IS NOT NULL,"
    " to_regclass('sagas') IS NOT NULL, to_regclass('audit_counters') IS NOT NULL"
)
SAGAS = """
SELECT kind, id::text, status, started_at, ended_at IS NULL AND due_at < clock_timestamp() AS late
FROM sagas WHERE (ended_at IS NULL AND due_at < clock_timestamp()) OR status = 'failed'
"""
POSITIONS = "SELECT context, sequence FROM applied_positions"
QUARANTINED = "SELECT context, sequence, problem FROM quarantined_events"
ACTS = "SELECT coalesce(sum(last), 0)::bigint FROM audit_counters"
BREAKS = """
SELECT line::text, before, number FROM (
    SELECT line, number, lag(number, 1, 0) OVER (PARTITION BY line ORDER BY number) AS before FROM (
        SELECT coalesce(organization_id, '00000000-0000-0000-0000-000000000000') AS line, number FROM audit_events
        UNION ALL SELECT organization_id, last + 1 FROM audit_counters
    ) AS numbers
) AS places WHERE number <> before + 1 ORDER BY line, number
"""
PARKED = "SELECT event_id, aggregate_type, aggregate_id, aggregate_version, reason, error FROM parked_events"

Aggregate = tuple[str, str]


class Announced(msgspec.Struct, frozen=True):
    """A row of an outbox."""

    event_id: UUID
    aggregate: Aggregate
    version: int
    created_at: datetime
    published_at: datetime | None


class Applied(msgspec.Struct, frozen=True):
    """A row of an inbox."""

    event_id: UUID
    aggregate: Aggregate
    version: int


class ParkedRow(msgspec.Struct, frozen=True):
    """An event that was put aside."""

    event_id: UUID
    aggregate: Aggregate
    version: int
    reason: str
    error: str


class Saga(msgspec.Struct, frozen=True):
    """Work over several services that has not ended in its time, or that was given up."""

    kind: str
    id: str
    status: str
    started_at: datetime
    late: bool


class Break(msgspec.Struct, frozen=True):
    """Where a line of an audit trail does not go on by one: rows between are missing, or `number` is there twice."""

    line: str
    before: int
    number: int


class Books(msgspec.Struct):
    """One service's tables.

    Work that has to end is shown by a view `sagas (kind, id, status, started_at, ended_at, due_at)`. A service that
    follows streams by tails keeps `applied_positions (context, sequence)`, and what it could not apply in
    `quarantined_events (context, sequence, ..., problem)`. An audit trail is `audit_events (organization_id, number)`:
    the acts of each organization, and those of none, are numbered from 1 without a gap, and `audit_counters
    (organization_id, last)` has the last number of each line; `acts` is how many there should be.
    """

    outbox: list[Announced]
    versions: dict[Aggregate, int]
    inbox: list[Applied]
    applied: dict[Aggregate, int]
    parked: list[ParkedRow]
    positions: dict[str, int]
    quarantined: list[tuple[str, int, str]]
    sagas: list[Saga]
    acts: int
    breaks: list[Break]


class OnStream(msgspec.Struct, frozen=True):
    """One message of a stream."""

    sequence: int
    msg_id: str
    event_id: UUID | None
    aggregate: Aggregate
    version: int
    subject: str
    time: datetime


class Durable(msgspec.Struct, frozen=True):
    """A service's consumer on a stream: what it reads and how far it is behind."""

    service: str
    filters: list[str]
    pending: int
    unanswered: int


class StreamBooks(msgspec.Struct):
    """One context's stream and its readers; no messages where the stream does not exist."""

    messages: list[OnStream]
    durables: list[Durable]
    max_age: float = 0.0
    last: int = 0


async def read_books(url: str) -> Books:
    """Read a service's tables in one snapshot. Raises what asyncpg raises."""
    database = await asyncpg.connect(url, timeout=5, server_settings=READ_ONLY)
    try:
        async with database.transaction(isolation="repeatable_read", readonly=True):
            outbox = [Announced(row[0], (row[1], row[2]), *tuple(row)[3:]) for row in await database.fetch(OUTBOX)]
            versions = {(row[0], row[1]): row[2] for row in await database.fetch(VERSIONS)}
            inbox = [Applied(row[1], (row[2], row[3]), row[4]) for row in await database.fetch(INBOX)]
            applied = {(row[1], row[2]): row[3] for row in await database.fetch(APPLIED)}
            parked = [ParkedRow(row[0], (row[1], row[2]), *tuple(row)[3:]) for row in await database.fetch(PARKED)]
            has_positions, has_quarantine, has_sagas, has_trail = (await database.fetch(TABLES))[0]
            positions = {row[0]: row[1] for row in await database.fetch(POSITIONS)} if has_positions else {}
            quarantined = [tuple(row) for row in await database.fetch(QUARANTINED)] if has_quarantine else []
            sagas = [Saga(*row) for row in await database.fetch(SAGAS)] if has_sagas else []
            acts = await database.fetchval(ACTS) if has_trail else 0
            breaks = [Break(*row) for row in await database.fetch(BREAKS)] if has_trail else []
    finally:
        await database.close()
    return Books(outbox, versions, inbox, applied, parked, positions, quarantined, sagas, acts, breaks)


async def read_stream(client: Client, context: str, services: Mapping[str, Any]) -> StreamBooks:
    """Read a context's stream by its messages' headers, and the consumers that belong to `services`."""
    jetstream, name = client.jetstream(), stream_of(context)
    try:
        info = await jetstream.stream_info(name)
    except NotFoundError:
        return StreamBooks([], [])
    messages = await _messages(client, name)
    durables = [
        Durable(
            one.name,
            one.config.filter_subjects or [one.config.filter_subject or ">"],
            one.num_pending or 0,
            one.num_ack_pending or 0,
        )
        for one in await jetstream.consumers_info(name)
        if one.name in services
    ]
    return StreamBooks(messages, durables, info.config.max_age or 0.0, info.state.last_seq)


async def _messages(client: Client, name: str) -> list[OnStream]:
    config = api.ConsumerConfig(
        name=f"audit-{token_hex(4)}",
        ack_policy=api.AckPolicy.NONE,
        headers_only=True,
        mem_storage=True,
        num_replicas=1,
        inactive_threshold=30,
    )
    made = await client.jetstream().add_consumer(name, config)
    left = asyncio.Event()
    found: list[OnStream] = []

    def take(message: Msg) -> None:
        found.append(_on_stream(message))
        if not message.metadata.num_pending:
            left.set()

    async def room() -> int:
        return 1000

    if made.num_pending:
        reading = asyncio.create_task(pull(client, name, made.name, take, room))
        waiting = asyncio.create_task(left.wait())
        await asyncio.wait({reading, waiting}, return_when=asyncio.FIRST_COMPLETED)
        for task in (reading, waiting):
            task.cancel()
        results = await asyncio.gather(reading, waiting, return_exceptions=True)
        if not left.is_set() and isinstance(results[0], Exception):
            raise results[0]
    await client.jetstream().delete_consumer(name, made.name)
    return found


def _on_stream(message: Msg) -> OnStream:
    headers = {str(name): value for name, value in (message.headers or {}).items()}
    kind, identifier, version = aggregate_of(headers) or ("", "", 0)
    metadata = message.metadata
    return OnStream(
        sequence=metadata.sequence.stream,
        msg_id=headers.get(MSG_ID, ""),
        event_id=event_id_of(headers),
        aggregate=(kind, identifier),
        version=version,
        subject=message.subject,
        time=metadata.timestamp,
    )
