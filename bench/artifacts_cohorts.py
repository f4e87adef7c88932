"""Cohorts of an organization with 1,000,000 profiles and 10,000 cohorts: search, get, bulk create, export.

Each is held against the same SQL through plain asyncpg (of the export: COPY TO of the same rows) in the same run.
"""

import asyncio
import json
import os
import random
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

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

from bench.figures import Figure
from bench.load import load, request
from bench.serving import resident, served

PROFILES = 1_000_000
COHORTS = 10_000
MEMBERS = 100
DEPARTMENTS, SIMULATIONS, PERSONAS = 50, 200, 20
ITEMS = 1000
SECONDS, WARM = 3, 1.5
MEMORY_LIMIT = 200
POSTGRES = {"shared_buffers": "512MB", "work_mem": "32MB", "max_wal_size": "4GB", "maintenance_work_mem": "256MB"}
FIRST = ("Ada", "Bo", "Chen", "Dana", "Eli", "Fay", "Gus", "Hana", "Ivo", "Jo")
LAST = ("Adler", "Byron", "Costa", "Diaz", "Evans", "Fischer", "Garcia", "Haas", "Ito", "Jones")

PERSONS = """
INSERT INTO persons (id, organization_id, is_identified, properties)
SELECT id, organization_id, true, jsonb_build_object('email', primary_email, 'name', name, 'role', role) FROM profiles
"""


class World:
    """The ids of what was made."""

    def __init__(self) -> None:
        self.organization = uuid4()
        self.user = uuid4()
        self.random = random.Random(7)
        self.departments = self._ids(DEPARTMENTS)
        self.simulations = self._ids(SIMULATIONS)
        self.personas = self._ids(PERSONAS)
        self.positions = self._ids(SIMULATIONS)
        self.texts = self._ids(COHORTS)
        self.profiles = self._ids(PROFILES)
        self.cohorts = self._ids(COHORTS)
        self.chosen = [
            (self.random.sample(self.departments, 2), self.random.sample(range(SIMULATIONS), 3)) for _ in self.cohorts
        ]

    def _ids(self, several: int) -> list[UUID]:
        """Ids that lie in the order of their making, as ours do."""
        return [
            UUID(int=(0x0199 << 112) | (number << 72) | (7 << 76) | self.random.getrandbits(62) | 1 << 63)
            for number in range(several)
        ]

    def members(self, place: int) -> list[UUID]:
        """The profiles of a cohort: each profile is in one cohort, and those of neighbours lie apart."""
        return [self.profiles[(place + COHORTS * turn) % PROFILES] for turn in range(MEMBERS)]


async def seed(url: str, world: World) -> None:
    """Fill the tables by COPY."""
    connection = await asyncpg.connect(url)

    async def copy(table: str, columns: str, rows: Iterator[tuple[Any, ...]]) -> None:
        await connection.copy_records_to_table(table, records=rows, columns=columns.split())

    own = world.organization
    await copy("organizations", "id number name display_name", iter([(own, 1, "bench", "Bench")]))
    await copy("counters", "organization_id kind last", iter([(own, "cohort", COHORTS)]))
    groups = ((one, own, f"Department {n:03}", "division") for n, one in enumerate(world.departments))
    await copy("groups", "id organization_id name node_type", groups)
    named = ((one, own, f"Simulation {n:03}") for n, one in enumerate(world.simulations))
    await copy("simulations", "id organization_id name", named)
    placed = zip(world.positions, world.simulations, strict=True)
    await copy(
        "simulation_positions", "id organization_id simulation_id value", ((one, own, sim, 1) for one, sim in placed)
    )
    parts = ((one, own, f"Persona {n:03}") for n, one in enumerate(world.personas))
    await copy("personas", "id organization_id name", parts)
    texts = ((one, own, "cohort-name", f"Cohort {n:05} of the spring") for n, one in enumerate(world.texts))
    await copy("texts", "id organization_id kind value", texts)
    await copy(
        "profiles",
        "id organization_id number user_id account_type role name primary_email emails department_ids",
        _people(world),
    )
    await connection.execute(PERSONS)
    await copy(
        "cohorts",
        "id organization_id number name_id department_ids simulation_ids simulation_position_ids member_count",
        _cohorts(world),
    )
    members = ((cohort, one, "hand") for n, cohort in enumerate(world.cohorts) for one in world.members(n))
    await copy("cohort_members", "cohort_id profile_id source", members)
    await connection.execute("VACUUM ANALYZE")
    await connection.close()


def _people(world: World) -> Iterator[tuple[Any, ...]]:
    for number, one in enumerate(world.profiles):
        name = f"{FIRST[number % 10]} {LAST[number // 10 % 10]} {number}"
        address = f"person{number}@example.org"
        user = world.user if number == 0 else UUID(int=one.int ^ 1)
        role = "instructor" if number % 3 else "member"
        places = [world.departments[number % DEPARTMENTS], world.departments[number * 7 % DEPARTMENTS]]
        yield one, world.organization, number + 1, user, "provider", role, name, address, [address], places


def _cohorts(world: World) -> Iterator[tuple[Any, ...]]:
    for number, one in enumerate(world.cohorts):
        departments, places = world.chosen[number]
        simulations = [world.simulations[place] for place in places]
        positions = [world.positions[place] for place in places]
        yield one, world.organization, number + 1, world.texts[number], departments, simulations, positions, MEMBERS


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
