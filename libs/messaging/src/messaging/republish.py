"""Publishing events again from the outbox: for a reader that misses some, or for a stream that was lost."""

from collections.abc import AsyncIterator
from datetime import datetime
from secrets import token_hex
from typing import Any

import asyncpg
import msgspec
from nats.aio.client import Client

from messaging.relay import COLUMNS, send

BATCH = 500

WHERE = """
published_at IS NOT NULL
AND ($1::text IS NULL OR aggregate_type = $1) AND ($2::text IS NULL OR aggregate_id = $2)
AND ($3::bigint IS NULL OR aggregate_version >= $3) AND ($4::bigint IS NULL OR aggregate_version <= $4)
AND ($5::timestamptz IS NULL OR created_at >= $5)
"""
OLDEST = "SELECT min(aggregate_version) FROM outbox WHERE aggregate_type = $1 AND aggregate_id = $2"


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """Which events to publish again; what is None does not restrict."""

    aggregate_type: str | None = None
    aggregate_id: str | None = None
    from_version: int | None = None
    to_version: int | None = None
    since: datetime | None = None


class Republished(msgspec.Struct, frozen=True, kw_only=True):
    """How many were published, and the oldest version that the owner still has of the aggregate asked for."""

    count: int
    oldest: int | None = None


async def republish(
    database_url: str,
    nats: Client,
    *,
    since: datetime | None = None,
    wanted: Wanted | None = None,
) -> Republished:
    """Publish the outbox's published rows again, in the order of their ids, each with a message id of its own.

    Readers that have applied an event pass over it. Rows that are not published yet are left to the relay. Raises
    what asyncpg and nats-py raise.
    """
    what = wanted or Wanted(since=since)
    suffix, count = f"-{token_hex(4)}", 0
    database = await asyncpg.connect(database_url, timeout=5)
    try:
        async for row in _rows(database, what):
            await send(nats, row, suffix)
            count += 1
        oldest = None
        if what.aggregate_type and what.aggregate_id:
            oldest = await database.fetchval(OLDEST, what.aggregate_type, what.aggregate_id)
    finally:
        await database.close()
    return Republished(count=count, oldest=oldest)


async def _rows(database: asyncpg.Connection, wanted: Wanted) -> AsyncIterator[Any]:
    """Rows by id, a batch at a time, so that memory stays bounded."""
    query = f"SELECT {COLUMNS} FROM outbox WHERE {WHERE} AND id > $6 ORDER BY id LIMIT {BATCH}"  # noqa: S608
    values = (wanted.aggregate_type, wanted.aggregate_id, wanted.from_version, wanted.to_version, wanted.since)
    last = 0
    while rows := await database.fetch(query, *values, last):
        for row in rows:
            yield row
        last = rows[-1]["id"]
