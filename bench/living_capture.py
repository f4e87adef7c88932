"""Events a second that one web process captures, beside 1,000,000 persons and 10,000,000 events.

Batches of a hundred as SDKs send them, and single posts; every event is new, one in five changes its person, one in
twenty is the first of somebody new, and dynamic cohorts look at a third of them. BENCH_PERSONS sets another number of
persons.
"""

import asyncio
import json
import os
import random
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import asyncpg
from database.migrations import migrate
from testkit import principals, servers

from bench.artifacts_cohorts import POSTGRES, artifacts_app
from bench.figures import Figure
from bench.load import Connection, request
from bench.serving import served

PERSONS = int(os.environ.get("BENCH_PERSONS", "1000000"))
EVENTS = 10 * PERSONS
COHORTS = 20
IN_A_BATCH = 100
BATCHES, SINGLES = 400, 6_000
SENDERS, SINGLE_SENDERS = 4, 32
WARM = 0.1
"""Of what is sent, not counted."""
NAMES = ("$pageview", "opened", "bought")
PROJECT = """
INSERT INTO organizations (id, number, name, display_name) VALUES ($1, 1, 'bench', 'Bench') RETURNING capture_token
"""
PEOPLE = """
INSERT INTO persons (id, organization_id, properties, created_at, last_seen_at)
SELECT CAST(lpad(to_hex(n), 32, '0') AS uuid), $1, jsonb_build_object('plan', 'p' || n % 5, 'age', n % 90),
       now() - n * interval '1 second', now() - interval '1 day'
  FROM generate_series(1, $2) AS n
"""
KNOWN = """
INSERT INTO person_distinct_ids (organization_id, distinct_id, person_id)
SELECT $1, 'user-' || n, CAST(lpad(to_hex(n), 32, '0') AS uuid) FROM generate_series(1, $2) AS n
"""
HAPPENED = """
INSERT INTO events (organization_id, id, event, person_id, distinct_id, timestamp, properties)
SELECT $1, gen_random_uuid(), ($4::text[])[1 + n % 3], CAST(lpad(to_hex(1 + n % $2), 32, '0') AS uuid),
       'user-' || 1 + n % $2, now() - n % 7776000 * interval '1 second',
       jsonb_build_object('price', n % 500, '$browser', 'b' || n % 7, '$lib', 'web')
  FROM generate_series(1::bigint, $3) AS n
"""
INDEXES = "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = 'events' AND indexname <> 'pk_events'"
LOOKING = """
WITH made AS (
    INSERT INTO cohorts (id, organization_id, number, is_static)
    SELECT gen_random_uuid(), $1, n, false FROM generate_series(1, $2) AS n RETURNING id
)
INSERT INTO cohort_mentions (organization_id, kind, name, cohort_id)
SELECT $1, kind, name, id
  FROM made, (VALUES ('event', 'bought'), ('property', 'plan'), ('any', '*')) AS one (kind, name)
"""


async def seed(url: str) -> tuple[UUID, str]:
    """Fill the tables. Gives the organization and its project's token."""
    connection = await asyncpg.connect(url, server_settings={"jit": "off"})
    organization = uuid4()
    token: str = await connection.fetchval(PROJECT, organization)
    await connection.execute(PEOPLE, organization, PERSONS)
    await connection.execute(KNOWN, organization, PERSONS)
    indexes = await connection.fetch(INDEXES)  # made after the rows: sorted once
    await connection.execute("ALTER TABLE events DROP CONSTRAINT pk_events")
    for name, _ in indexes:
        await connection.execute(f"DROP INDEX {name}")
    await connection.execute(HAPPENED, organization, PERSONS, EVENTS, list(NAMES), timeout=3600)
    await connection.execute("ALTER TABLE events ADD CONSTRAINT pk_events PRIMARY KEY (organization_id, id)")
    for _, definition in indexes:
        await connection.execute(definition, timeout=3600)
    await connection.execute(LOOKING, organization, COHORTS)
    await connection.execute("VACUUM ANALYZE")
    await connection.execute("CHECKPOINT")
    await connection.close()
    return organization, token


def events(chosen: random.Random) -> Iterator[dict[str, Any]]:
    """Events as posthog's package writes them."""
    while True:
        number = chosen.randint(1, PERSONS)
        known = chosen.random() >= 0.05
        properties: dict[str, Any] = {
            "$lib": "posthog-python",
            "$lib_version": "7.0.0",
            "$python_runtime": "CPython",
            "$os": "Linux",
            "$current_url": f"https://shop.example/{number % 999}",
            "price": number % 500,
        }
        if chosen.random() < 0.2:
            properties["$set"] = {"plan": f"p{chosen.randint(0, 9)}", "seen": number}
        yield {
            "event": NAMES[number % 3],
            "distinct_id": f"user-{number}" if known else f"new-{chosen.getrandbits(60)}",
            "uuid": str(UUID(int=chosen.getrandbits(128), version=4)),
            "timestamp": datetime.now(UTC).isoformat(),
            "properties": properties,
        }


async def send(port: int, bodies: list[bytes], path: str, senders: int) -> tuple[float, list[float]]:
    """Send every body once. Gives the seconds that all but the first took, and every latency, sorted."""
    waiting = iter([request("POST", path, port, body=body) for body in bodies])
    opened = [await Connection.open("127.0.0.1", port) for _ in range(senders)]
    latencies: list[float] = []
    warm = int(WARM * len(bodies))
    begun = 0.0

    async def repeat(connection: Connection) -> None:
        nonlocal begun
        for raw in waiting:
            started = time.perf_counter()
            assert await connection.request(raw) == 200
            latencies.append(time.perf_counter() - started)
            if len(latencies) == warm:
                begun = time.perf_counter()

    await asyncio.gather(*map(repeat, opened))
    took = time.perf_counter() - begun
    for connection in opened:
        connection.transport.close()
    return took, sorted(latencies)


async def measure() -> list[Figure]:
    """Batches, then single posts."""
    key = principals.signing_key().as_dict(private=False)
    chosen = random.Random(7)
    with tempfile.TemporaryDirectory(prefix="muster-bench-") as folder:
        server = servers.postgres(Path(folder), settings=POSTGRES)
        try:
            await asyncio.to_thread(migrate, "artifacts", server.url)
            organization, token = await seed(server.url)
            with served(artifacts_app, server.url, key, folder) as port:
                source = events(chosen)
                batches = [
                    {"api_key": token, "batch": [next(source) for _ in range(IN_A_BATCH)]} for _ in range(BATCHES)
                ]
                singles = [{"api_key": token, **next(source)} for _ in range(SINGLES)]
                found = [
                    _figure("batches of 100", await _timed(port, batches, "/batch/", SENDERS), IN_A_BATCH, 2000),
                    _figure("single posts", await _timed(port, singles, "/i/v0/e/", SINGLE_SENDERS), 1, 500),
                ]
            connection = await asyncpg.connect(server.url)
            kept = await connection.fetchval("SELECT count(*) FROM events WHERE organization_id = $1", organization)
            await connection.close()
            assert kept == EVENTS + BATCHES * IN_A_BATCH + SINGLES, "every event is there, once"
            return found
        finally:
            server.stop()


async def _timed(port: int, bodies: list[Any], path: str, senders: int) -> tuple[float, float, int]:
    """Requests a second, the p95 of a request in seconds, and how many senders there were."""
    took, latencies = await send(port, [json.dumps(body).encode() for body in bodies], path, senders)
    return len(bodies) * (1 - WARM) / took, latencies[int(0.95 * len(latencies))], senders


def _figure(name: str, timed: tuple[float, float, int], events_each: int, limit: float) -> Figure:
    rate, latency, senders = timed
    against = (
        f"{senders} senders, p95 of a request {1000 * latency:.0f} ms; {EVENTS:,} events of {PERSONS:,} persons before"
    )
    return Figure(f"capture: {name}", rate * events_each, "events a second", "at least", limit, against)
