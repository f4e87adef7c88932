"""Signed deliveries to a server beside, against posting the same bodies, and a claim among many that wait."""

import asyncio
import os
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import aiohttp
import asyncpg
from chassis.logs import configure
from chassis.revocations import Revocations
from chassis.runtime import Runtime
from database.migrations import migrate
from kernel import now
from notifications.main import create_app
from notifications.settings import Settings
from notifications.webhook_endpoints import secrets
from notifications.webhook_endpoints.deliveries import claiming
from notifications.webhook_endpoints.deliveries.dispatch import send_webhooks
from sqlalchemy import text
from testkit import servers

from bench.figures import Figure
from bench.serving import served

KEY = "c2VhbHMgdGhlIGtleXMgb2Ygd2ViaG9va3MgaW4gdGU"
ENDPOINTS = 50
DELIVERIES = 6000
WAITING = 200_000
BODY = '{"specversion":"1.0","id":"%s","source":"/orgs","type":"muster.orgs.group.moved.v1","data":{"group_id":"%s"}}'
SEED_ENDPOINT = """
INSERT INTO webhook_endpoints (id, organization_id, url, event_types, secret) VALUES ($1, $1, $2, '{}', $3)
"""
ONE_DUE = """
UPDATE webhook_deliveries SET next_attempt_at = now() WHERE id = (SELECT id FROM webhook_deliveries LIMIT 1)
"""
SEED_DELIVERIES = """
INSERT INTO webhook_deliveries (id, organization_id, endpoint_id, event_id, event_type, payload, next_attempt_at)
SELECT gen_random_uuid(), e.organization_id, e.id, gen_random_uuid(), 'muster.orgs.group.moved.v1', $1, $2::timestamptz
FROM webhook_endpoints e, generate_series(1, $3)
"""


async def take(scope: Any, receive: Any, send: Any) -> None:
    """A server that takes everything at once, and tests nothing."""
    if scope["type"] != "http":
        return
    while (await receive()).get("more_body"):
        pass
    await send({"type": "http.response.start", "status": 204, "headers": []})
    await send({"type": "http.response.body"})


def receiver() -> Any:
    """The server that is told."""
    return take


async def measure() -> list[Figure]:
    """One worker, with PostgreSQL and the server beside it."""
    with tempfile.TemporaryDirectory(prefix="muster-bench-") as folder:
        server = servers.postgres(Path(folder))
        try:
            await asyncio.to_thread(migrate, "notifications", server.url)
            with served(receiver) as port:
                async with worker(server.url) as runtime:
                    return [*await _sending(runtime, server.url, port), await _claiming(runtime, server.url)]
        finally:
            server.stop()


@asynccontextmanager
async def worker(url: str) -> AsyncGenerator[Runtime]:
    """The service's connections as its worker has them; its log goes nowhere."""
    before, sys.stdout = sys.stdout, open(os.devnull, "w")  # noqa: SIM115, PTH123, ASYNC230
    try:
        configure("notifications", "info")
        settings = Settings(database_url=url, nats_url="", webhook_key=KEY, outside_allowed="127.0.0.0/8")
        app = create_app(settings, revocations=Revocations(), connected=False)
        async with app.lifespan():
            yield app.state.runtime
    finally:
        sys.stdout = before


async def _sending(runtime: Runtime, url: str, port: int) -> list[Figure]:
    """All that is due, sent by the worker; the same number of the same bodies posted by a bare client."""
    address = f"http://127.0.0.1:{port}/"
    connection = await asyncpg.connect(url)
    await _seed_endpoints(connection, address)
    bare = [await _posting(address)]
    await connection.execute(SEED_DELIVERIES, _body(), now(), DELIVERIES // ENDPOINTS)
    await connection.execute("ANALYZE")
    task, began = asyncio.create_task(send_webhooks(runtime)), time.perf_counter()
    while await connection.fetchval("SELECT count(*) FROM webhook_deliveries WHERE status = 'pending'"):
        await asyncio.sleep(0.1)
    rate = DELIVERIES / (time.perf_counter() - began)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert await connection.fetchval("SELECT count(*) FROM webhook_deliveries WHERE attempts <> 1") == 0
    bare.append(await _posting(address))
    limit = statistics.mean(bare)
    await connection.execute("TRUNCATE webhook_endpoints CASCADE")
    await connection.close()
    against = f"{rate:.0f} of {limit:.0f} a second posted by bare aiohttp"
    return [
        Figure("webhooks sent, signed and logged", rate / limit, "of bare posts", "at least", 0.15, against),
        Figure("webhooks sent, signed and logged", rate, "a second", "at least", 150, "one worker"),
    ]


async def _posting(address: str) -> float:
    """Posts a second, as many at once as the worker has senders."""
    body, left = _body().encode(), DELIVERIES
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit_per_host=10)) as client:

        async def post() -> None:
            nonlocal left
            while left > 0:
                left -= 1
                async with client.post(address, data=body) as answer:
                    await answer.read()

        began = time.perf_counter()
        await asyncio.gather(*(post() for _ in range(32)))
        return DELIVERIES / (time.perf_counter() - began)


async def _claiming(runtime: Runtime, url: str) -> Figure:
    """A claim of the one delivery that is due among very many that wait, against an empty transaction."""
    connection = await asyncpg.connect(url)
    await _seed_endpoints(connection, "http://127.0.0.1:1/")
    later = await connection.fetchval("SELECT now() + interval '1 hour'")
    await connection.execute(SEED_DELIVERIES, _body(), later, WAITING // ENDPOINTS)
    await connection.execute("ANALYZE")
    claims, empty = list[float](), list[float]()
    for _ in range(60):
        await connection.execute(ONE_DUE)
        began = time.perf_counter()
        async with runtime.sessions.begin() as session:
            claimed = await claiming.claim(session, 32)
        claims.append(1e3 * (time.perf_counter() - began))
        assert len(claimed) == 1
        began = time.perf_counter()
        async with runtime.sessions.begin() as session:
            await session.execute(text("SELECT 1"))
        empty.append(1e3 * (time.perf_counter() - began))
    await connection.close()
    taken, least = statistics.median(claims), statistics.median(empty)
    name = f"claim of one due webhook among {WAITING} that wait"
    return Figure(name, taken / least, "times", "at most", 8, f"{taken:.1f} ms; an empty transaction {least:.1f} ms")


async def _seed_endpoints(connection: Any, address: str) -> None:
    for _ in range(ENDPOINTS):
        endpoint = uuid4()
        sealed = secrets.seal(KEY, endpoint, secrets.made())
        await connection.execute(SEED_ENDPOINT, endpoint, address, sealed)


def _body() -> str:
    return BODY % (uuid4(), uuid4())
