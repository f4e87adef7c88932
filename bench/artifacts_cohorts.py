"""Cohorts of an organization with 1,000,000 profiles and 10,000 cohorts: search, get, bulk create, export.

Each is held against the same SQL through plain asyncpg (of the export: COPY TO of the same rows) in the same run.
"""

import asyncio
import json
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import asyncpg
import httpx
from artifacts.cohorts.exporting import ROWS
from artifacts.main import create_app
from artifacts.settings import Settings
from chassis.logs import configure
from chassis.revocations import Revocations
from database.migrations import migrate
from litestar import Litestar
from sqlalchemy import event
from testkit import principals, servers
from testkit.client import Client

from bench.artifacts_world import COHORTS, World, seed
from bench.figures import Figure
from bench.load import load, request
from bench.serving import resident, served

ITEMS = 1000
SECONDS, WARM = 3, 1.5
MEMORY_LIMIT = 200
POSTGRES = {"shared_buffers": "512MB", "work_mem": "32MB", "max_wal_size": "4GB", "maintenance_work_mem": "256MB"}


def artifacts_app(url: str, verifying_key: dict[str, Any], folder: str) -> Litestar:
    """The artifacts service as it runs, without its connection to NATS."""
    sys.stdout = open(os.devnull, "w")  # noqa: SIM115, PTH123
    configure("artifacts", "info")
    return _made(url, verifying_key, folder)


def _made(url: str, verifying_key: dict[str, Any], folder: str) -> Litestar:
    async def keys() -> dict[str, Any]:
        return {"keys": [verifying_key]}

    settings = Settings(
        database_url=url, nats_url="", public_url=principals.ISSUER, objects_url=f"file:{folder}/objects"
    )
    verifier = principals.Verifier(principals.ISSUER, keys)
    return create_app(settings, verifier=verifier, revocations=Revocations(), connected=False)


class Noted:
    """Reads over plain asyncpg that note what they send."""

    def __init__(self, rows: Any, seen: list[Any]) -> None:
        self.rows, self.seen = rows, seen

    async def __call__(self, statement: str, *values: Any) -> Any:
        self.seen.append((statement, values))
        return await self.rows(statement, *values)

    async def all(self, statement: str, *values: Any) -> Any:
        self.seen.append((statement, values))
        return await self.rows.all(statement, *values)

    async def close(self) -> None:
        await self.rows.close()


async def statements_of(url: str, key: dict[str, Any], folder: str, token: str, path: str, body: Any) -> list[Any]:
    """The SQL that a call sends, with its parameters."""
    app = _made(url, key, folder)
    seen: list[Any] = []
    async with Client(app).with_token(token) as client:
        await client.post(path, json=body)  # what is asked only once does not count
        runtime = app.state.runtime
        event.listen(
            runtime.engine.sync_engine, "before_cursor_execute", lambda *given: seen.append((given[2], given[3]))
        )
        runtime.row = Noted(runtime.row, seen)
        answer = await client.post(path, json=body)
        assert answer.status_code == 200, answer.text
    await app.state.runtime.row.close()
    await app.state.runtime.engine.dispose()
    return seen


async def plain(url: str, statements: list[Any]) -> list[float]:
    """How long the statements take through plain asyncpg, one after another; sorted."""
    connection = await asyncpg.connect(url, server_settings={"jit": "off"})
    times: list[float] = []
    ends = time.perf_counter() + SECONDS + WARM
    while (begun := time.perf_counter()) < ends:
        for statement, values in statements:
            await connection.fetch(statement, *values)
        if begun > ends - SECONDS:  # before that PostgreSQL looks for plans
            times.append(time.perf_counter() - begun)
    await connection.close()
    return sorted(times)


async def measure() -> list[Figure]:
    """Every figure, of one run."""
    world, key = World(), principals.signing_key().as_dict(private=False)
    with tempfile.TemporaryDirectory(prefix="muster-bench-") as folder:
        server = servers.postgres(Path(folder), settings=POSTGRES)
        try:
            await asyncio.to_thread(migrate, "artifacts", server.url)
            await seed(server.url, world)
            with served(artifacts_app, server.url, key, folder) as port:
                token = principals.access_token(
                    user_id=world.user, organization_id=world.organization, roles=("org.admin",), lifetime=3600
                )
                place = COHORTS // 2
                departments, simulations = world.chosen[place]
                filters = {
                    "filter_department_ids": [str(one) for one in departments],
                    "filter_simulation_ids": [str(world.simulations[one]) for one in simulations],
                    "filter_profile_ids": [str(one) for one in world.members(place)[:50]],
                }
                form = {"cohort_id": str(world.cohorts[place])}
                asked = (server.url, key, folder, token, port)
                people = {
                    "cohort_ids": [str(one) for one in world.cohorts[place : place + 20]],
                    "filter_department_ids": [str(one) for one in departments],
                    "role_filter": "member",
                }
                named = {
                    "search": "chen garcia",
                    "filter_department_ids": [str(departments[0])],
                    "role_filter": "member",
                }
                return [
                    *await _read(asked, "cohorts/search", filters, limit=2, goal=150),
                    *await _read(asked, "profiles/search", people, limit=2, goal=150),
                    *await _read(asked, "profiles/search", named, limit=2, goal=150, title="profiles/search by name"),
                    *await _read(asked, "cohorts/get", form, limit=3, goal=30),
                    *await _create(asked, world),
                    *await _export(asked, world),
                ]
        finally:
            server.stop()


async def _read(asked: Any, operation: str, body: Any, *, limit: float, goal: float, title: str = "") -> list[Figure]:
    url, key, folder, token, port = asked
    path = f"/api/v5/artifacts/{operation}"
    statements = await statements_of(url, key, folder, token, path, body)
    raw = request("POST", path, port, token=token, body=json.dumps(body).encode())
    found: list[tuple[float, float]] = []
    for _ in range(3):
        times = await plain(url, statements)
        ours = await load(port, raw, connections=1, seconds=SECONDS, warm=WARM)
        assert ours.statuses == {200}
        found.append((1000 * ours.quantile(0.95), 1000 * times[int(0.95 * len(times))]))
    latency, sql = sorted(found, key=lambda one: one[0] / one[1])[1]
    against = f"its {len(statements)} statements through asyncpg, p95 {sql:.1f} ms"
    return [
        Figure(f"{title or operation}: latency to its SQL, p95", latency / sql, "times", "at most", limit, against),
        Figure(f"{title or operation}: latency, p95", latency, "ms", "at most", goal, "goal"),
    ]


async def _create(asked: Any, world: World) -> list[Figure]:
    url, key, folder, token, port = asked
    path = "/api/v5/artifacts/cohorts/create"

    def body(turn: int) -> Any:
        common = {
            "simulation_ids": [str(one) for one in world.simulations[:3]],
            "department_ids": [str(world.departments[0])],
            "profile_ids": [str(one) for one in world.profiles[:5]],
        }
        return {
            "cohorts": [
                {"name": f"Made {turn} {index}", "description": "By the bench", **common} for index in range(ITEMS)
            ]
        }

    statements = await statements_of(url, key, folder, token, path, body(0))
    begun = time.perf_counter()
    async with httpx.AsyncClient(timeout=60) as client:
        answer = await client.post(
            f"http://127.0.0.1:{port}{path}", json=body(1), headers={"authorization": f"Bearer {token}"}
        )
    took = time.perf_counter() - begun
    assert all(result["success"] for result in answer.json()["results"])
    return [
        Figure(f"create of {ITEMS}: statements", len(statements), "statements", "at most", 10),
        Figure(f"create of {ITEMS}: time", took, "s", "at most", 2, "goal"),
    ]


async def _export(asked: Any, world: World) -> list[Figure]:
    url, _, _, token, port = asked
    headers = {"authorization": f"Bearer {token}"}
    rates: list[tuple[float, float]] = []
    rows = 0
    async with httpx.AsyncClient(timeout=120) as client:
        for _ in range(3):
            connection = await asyncpg.connect(url, server_settings={"jit": "off"})
            begun = time.perf_counter()
            with open(os.devnull, "wb") as nowhere:  # noqa: ASYNC230, PTH123
                await connection.copy_from_query(
                    ROWS, world.organization, None, output=nowhere, format="csv", header=True
                )
            bare = time.perf_counter() - begun
            await connection.close()
            begun = time.perf_counter()
            answer = await client.post(
                f"http://127.0.0.1:{port}/api/v5/artifacts/cohorts/export", json={}, headers=headers
            )
            rates.append((bare, time.perf_counter() - begun))
            rows = answer.json()["row_count"]
    bare, ours = sorted(rates, key=lambda one: one[0] / one[1])[1]
    against = f"COPY TO of the same {rows} rows, {bare:.2f} s"
    return [
        Figure("export: rate to COPY TO", bare / ours, "times", "at least", 0.3, against),
        Figure("export: resident memory", resident(port), "MiB", "at most", MEMORY_LIMIT, "the process's highest"),
    ]
