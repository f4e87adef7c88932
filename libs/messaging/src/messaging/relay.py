"""The relay: publishes committed outbox rows. One is active in a database at a time."""

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import timedelta
from time import monotonic
from typing import Any

import asyncpg
import msgspec
import nats.errors
import structlog
from kernel import now
from nats.aio.client import Client
from nats.js import api
from nats.js.errors import APIError, NoStreamResponseError
from opentelemetry.trace import SpanKind

from messaging import failpoints, metrics, streams
from messaging.connection import Connection
from messaging.envelope import compose, wire_headers
from messaging.outbox import waker
from messaging.partitions import expire_inbox, maintain
from messaging.tracing import current_traceparent, span

LOCK = 7_263_002
BATCH = 256
POLL_SECONDS = 0.2
FOLLOW_SECONDS = 1.0
PUBLISH_SECONDS = 5.0
MAINTAIN_SECONDS = 3600.0
MEASURE_SECONDS = 5.0
MAX_IN_FLIGHT = 64

COLUMNS = (
    "id, created_at, event_id, event_type, aggregate_type, aggregate_id, aggregate_version, subject, tenant_id,"
    " payload::text AS payload, headers::text AS headers"
)
UNPUBLISHED = f"SELECT {COLUMNS} FROM outbox WHERE published_at IS NULL ORDER BY id LIMIT {BATCH}"  # noqa: S608
MARK = """
UPDATE outbox SET published_at = clock_timestamp(), sequence = ($2::bigint[])[array_position($1::bigint[], id)]
WHERE id = ANY($1::bigint[]) AND published_at IS NULL AND created_at BETWEEN $3 AND $4
"""
MEASURE = "SELECT count(*), min(created_at) FROM outbox WHERE published_at IS NULL"

Row = Mapping[str, Any]
log = structlog.get_logger("messaging.relay")


async def send(nats_client: Client, row: Row, suffix: str = "") -> api.PubAck:
    """Publish one outbox row and wait for the stream's answer. Raises what nats-py raises."""
    parent = msgspec.json.decode(row["headers"]).get("traceparent")
    names = {
        "destination__name": row["subject"],
        "destination__template": f"evt.{row['event_type']}",
        "message__id": str(row["event_id"]),
    }
    with span("send", SpanKind.PRODUCER, parent, **names):
        body = compose(row, current_traceparent() or parent)
        jetstream = nats_client.jetstream()
        return await jetstream.publish(row["subject"], body, PUBLISH_SECONDS, headers=wire_headers(row, suffix))


class Relay:
    """Publishes one service's outbox while it holds the database's advisory lock."""

    def __init__(
        self,
        service: str,
        database_url: str,
        connection: Connection,
        *,
        retention: timedelta = streams.RETENTION,
        replicas: int = 1,
        publishes: bool = True,
    ) -> None:
        """`database_url` is a `postgresql://` address; the relay keeps one connection of its own.

        With `publishes=False` it only wakes the process that does.
        """
        self._service = service
        self._url = database_url
        self._connection = connection
        self._retention = retention
        self._replicas = replicas
        self._publishes = publishes
        self._woken = waker()
        self._in_flight = asyncio.Semaphore(MAX_IN_FLIGHT)
        self._maintained = self._measured = float("-inf")
        self.active = False

    def wake(self) -> None:
        """Look for new rows now instead of at the next poll."""
        self._woken.set()

    async def run(self) -> None:
        """Publish until cancelled. A lost database connection is a lost lock: another relay may take over."""
        told = ""
        while not self._publishes:
            await self._follow()
        while True:
            try:
                await self._lead()
            except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError) as error:
                if str(error) != told:
                    log.warning("relay lost its database", service=self._service, error=str(error))
                told = str(error)
            except Exception:
                log.exception("relay failed and begins again", service=self._service)
            await asyncio.sleep(POLL_SECONDS)

    async def _lead(self) -> None:
        database = await asyncpg.connect(
            self._url, timeout=5, command_timeout=30, server_settings={"application_name": f"{self._service}-relay"}
        )
        try:
            while not await database.fetchval("SELECT pg_try_advisory_lock($1)", LOCK):
                await self._follow()
            self._set_active(True)
            log.info("relay active", service=self._service)
            while True:
                self._woken.clear()
                if not await self._turn(database):
                    await self._wait(POLL_SECONDS)
        finally:
            self._set_active(False)
            with contextlib.suppress(asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError):
                await asyncio.shield(database.close(timeout=2))

    def _set_active(self, active: bool) -> None:
        self.active = active
        metrics.relay_active.labels(self._service).set(int(active))

    async def _follow(self) -> None:
        """Another process publishes: tell it when this one has committed something."""
        woken = await self._wait(FOLLOW_SECONDS)
        self._woken.clear()
        if woken and self._connection.connected:
            client = await self._connection.ready()
            with contextlib.suppress(nats.errors.Error, OSError):
                await client.publish(f"ctl.{self._service}.wake")

    async def _wait(self, seconds: float) -> bool:
        try:
            async with asyncio.timeout(seconds):
                await self._woken.wait()
        except TimeoutError:
            return False
        return True

    async def _turn(self, database: asyncpg.Connection) -> bool:
        """Publish what is there; False where nothing was or could be."""
        if monotonic() - self._maintained > MAINTAIN_SECONDS:
            self._maintained = monotonic()
            await maintain(database, self._retention + timedelta(days=1))
            await expire_inbox(database, self._retention + timedelta(days=1))
        rows = await database.fetch(UNPUBLISHED)
        await self._measure(database, rows)
        if not rows or not self._connection.connected:
            return False
        client = await self._connection.ready()
        chains: dict[tuple[str, str], list[Row]] = defaultdict(list)
        for row in rows:
            chains[row["aggregate_type"], row["aggregate_id"]].append(row)
        done = await asyncio.gather(*(self._publish_in_order(client, chain) for chain in chains.values()))
        published = [pair for chain in done for pair in chain]
        if published:
            await self._mark(database, published)
        return bool(published)

    async def _publish_in_order(self, client: Client, rows: Sequence[Row]) -> list[tuple[Row, int]]:
        """One aggregate's rows, each after the answer to the one before. Stops at the first that fails."""
        done: list[tuple[Row, int]] = []
        async with self._in_flight:
            for row in rows:
                try:
                    answer = await send(client, row)
                except NoStreamResponseError:
                    metrics.published.labels(self._service, "no stream").inc()
                    await self._ensure_stream(client)
                    break
                except (nats.errors.Error, APIError, TimeoutError, OSError) as error:
                    metrics.published.labels(self._service, "failed").inc()
                    log.warning("event not published", event_id=str(row["event_id"]), error=str(error) or repr(error))
                    break
                failpoints.hit("outbox.after_puback")
                done.append((row, answer.seq))
        return done

    async def _ensure_stream(self, client: Client) -> None:
        """The stream is missing: someone removed it, or the server lost its disk."""
        with contextlib.suppress(nats.errors.Error, APIError, TimeoutError, OSError):
            await streams.ensure_own(client, self._service, retention=self._retention, replicas=self._replicas)

    async def _mark(self, database: asyncpg.Connection, published: Sequence[tuple[Row, int]]) -> None:
        times = [row["created_at"] for row, _ in published]
        ids, sequences = [row["id"] for row, _ in published], [sequence for _, sequence in published]
        await database.execute(MARK, ids, sequences, min(times), max(times))
        metrics.published.labels(self._service, "published").inc(len(published))
        for time in times:
            metrics.publish_delay.labels(self._service).observe(max(0.0, (now() - time).total_seconds()))

    async def _measure(self, database: asyncpg.Connection, rows: Sequence[Row]) -> None:
        """Set the gauges: now and then by counting, and whenever nothing waits."""
        if rows and monotonic() - self._measured < MEASURE_SECONDS:
            return
        self._measured = monotonic()
        count, oldest = (await database.fetch(MEASURE))[0] if rows else (0, None)
        age = (now() - oldest).total_seconds() if oldest else 0.0
        metrics.outbox_pending.labels(self._service).set(count)
        metrics.outbox_oldest_seconds.labels(self._service).set(max(0.0, age))
