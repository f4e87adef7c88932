"""The outbox's partitions: one a UTC day, made ahead and dropped when the stream has let go of their events."""

from datetime import UTC, date, datetime, timedelta

import asyncpg
import structlog

DAYS_AHEAD = 7
LOCK_TIMEOUT = "2s"

log = structlog.get_logger("messaging.partitions")


def partition_statements(days: int, today: date | None = None) -> list[str]:
    """The DDL that makes the partitions of today and the next `days` days where they are missing."""
    first = today or datetime.now(UTC).date()
    return [_create(first + timedelta(days=ahead)) for ahead in range(days + 1)]


def _create(day: date) -> str:
    return (
        f"CREATE TABLE IF NOT EXISTS {_name(day)} PARTITION OF outbox "
        f"FOR VALUES FROM ('{day} 00:00:00+00') TO ('{day + timedelta(days=1)} 00:00:00+00')"
    )


def _name(day: date) -> str:
    return f"outbox_{day:%Y%m%d}"


async def maintain(connection: asyncpg.Connection, retention: timedelta) -> None:
    """Make the coming partitions and drop those older than `retention` in which everything is published.

    A day whose rows already went to the default partition keeps them there; old rows are deleted from it.
    """
    existing = await _existing(connection)
    today = datetime.now(UTC).date()
    for ahead in range(DAYS_AHEAD + 1):
        day = today + timedelta(days=ahead)
        if day not in existing:
            await _attempt(connection, _create(day))
    oldest = (datetime.now(UTC) - retention).date()
    for day in sorted(existing):
        if day < oldest and not await _has_pending(connection, _name(day)):
            await _attempt(connection, f"DROP TABLE {_name(day)}")
    await connection.execute(
        "DELETE FROM outbox_default WHERE published_at IS NOT NULL AND created_at < clock_timestamp() - $1::interval",
        retention,
    )


async def expire_inbox(connection: asyncpg.Connection, retention: timedelta, batch: int = 5000) -> int:
    """Delete inbox rows older than `retention`: versions still keep their events from being applied again."""
    deleted = 0
    while True:
        status = await connection.execute(
            "DELETE FROM inbox WHERE (consumer, event_id) IN (SELECT consumer, event_id FROM inbox"
            " WHERE handled_at < clock_timestamp() - $1::interval LIMIT $2)",
            retention,
            batch,
        )
        count = int(status.rpartition(" ")[2])
        deleted += count
        if count < batch:
            return deleted


async def _existing(connection: asyncpg.Connection) -> set[date]:
    rows = await connection.fetch(
        "SELECT relid::text AS name FROM pg_partition_tree('outbox') WHERE isleaf AND relid::text ~ '^outbox_[0-9]{8}$'"
    )
    return {datetime.strptime(row["name"][-8:], "%Y%m%d").replace(tzinfo=UTC).date() for row in rows}


async def _has_pending(connection: asyncpg.Connection, table: str) -> bool:
    return bool(await connection.fetchval(f"SELECT EXISTS (SELECT FROM {table} WHERE published_at IS NULL)"))  # noqa: S608 - a name made from a date


async def _attempt(connection: asyncpg.Connection, statement: str) -> None:
    """Run DDL that may not wait: writers must not queue behind it."""
    try:
        async with connection.transaction():
            await connection.execute(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'")
            await connection.execute(statement)
    except (asyncpg.LockNotAvailableError, asyncpg.CheckViolationError) as error:
        log.warning("partition left for later", statement=statement, error=str(error))
