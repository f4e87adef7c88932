"""The persons of a cohort of 1,000,000 in the projects dialect: pages far down, and as many from a file."""

import asyncio
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx
from artifacts.cohorts.imports.worker import run_next
from artifacts.main import create_app
from artifacts.settings import Settings
from chassis.logs import configure
from chassis.revocations import Revocations
from database.migrations import migrate
from litestar import Litestar
from testkit import principals, servers
from testkit.applications import started

from bench.figures import Figure
from bench.load import load, request
from bench.serving import served

PERSONS = 1_000_000
DEEP = 900_000
SECONDS, WARM = 3, 1
POSTGRES = {"shared_buffers": "512MB", "work_mem": "32MB", "max_wal_size": "4GB", "maintenance_work_mem": "256MB"}
NUMBER = "lpad(to_hex(n), 12, '0')"
PERSON = f"CAST('0199' || substr({NUMBER}, 1, 4) || '-' || substr({NUMBER}, 5, 4) || '-7' || substr({NUMBER}, 9, 3) ||"
PERSON += f" '-8' || substr({NUMBER}, 12, 1) || '00-' || substr(md5(n::text), 1, 12) AS uuid)"
"""An id in the order of its number."""
SEED = (
    "INSERT INTO organizations (id, number, name, display_name) VALUES ('{org}', 1, 'bench', 'Bench')",
    "INSERT INTO counters (organization_id, kind, last) VALUES ('{org}', 'cohort', 1)",
    f"""
INSERT INTO persons (id, organization_id, is_identified, properties)
SELECT {PERSON}, '{{org}}', true, jsonb_build_object('email', 'p' || n || '@example.org', 'name', 'Person ' || n,
       'role', 'member', 'departments', jsonb_build_array('Surgery'), 'plan', n % 7)
  FROM generate_series(1, {PERSONS}) n""",
    """
INSERT INTO person_distinct_ids (organization_id, distinct_id, person_id, is_given)
SELECT organization_id, 'user-' || substr(properties ->> 'email', 2), id, true FROM persons""",
    """
INSERT INTO cohorts (id, organization_id, number, member_count) VALUES ('{cohort}', '{org}', 1, {persons})""",
    "INSERT INTO cohort_members (cohort_id, profile_id, source) SELECT '{cohort}', id, 'hand' FROM persons",
)
BY_HAND = """
INSERT INTO cohort_members (cohort_id, profile_id, source)
SELECT $1, p.id, 'csv' FROM person_distinct_ids d JOIN persons p ON p.id = d.person_id WHERE d.organization_id = $2
"""


def artifacts_app(url: str, key: dict[str, Any], folder: str) -> Litestar:
    """The artifacts service as it runs, without its connection to NATS."""
    sys.stdout = open(os.devnull, "w")  # noqa: SIM115, PTH123
    configure("artifacts", "info")
    return _made(url, key, folder)


def _made(url: str, key: dict[str, Any], folder: str) -> Litestar:
    async def keys() -> dict[str, Any]:
        return {"keys": [key]}

    settings = Settings(
        database_url=url, nats_url="", public_url=principals.ISSUER, objects_url=f"file:{folder}/objects"
    )
    verifier = principals.Verifier(principals.ISSUER, keys)
    return create_app(settings, verifier=verifier, revocations=Revocations(), connected=False)


async def seed(url: str, organization: UUID, cohort: UUID) -> None:
    """Fill the tables."""
    connection = await asyncpg.connect(url)
    for statement in SEED:
        await connection.execute(statement.format(org=organization, cohort=cohort, persons=PERSONS))
    await connection.execute("VACUUM ANALYZE")
    await connection.close()


async def measure() -> list[Figure]:
    """Every figure, of one run."""
    organization, cohort, key = uuid4(), uuid4(), principals.signing_key().as_dict(private=False)
    token = principals.access_token(organization_id=organization, roles=("org.admin",), lifetime=3600)
    with tempfile.TemporaryDirectory(prefix="muster-bench-") as folder:
        server = servers.postgres(Path(folder), settings=POSTGRES)
        try:
            await asyncio.to_thread(migrate, "artifacts", server.url)
            await seed(server.url, organization, cohort)
            with served(artifacts_app, server.url, key, folder) as port:
                pages = await _pages(port, token)
                files = await _file(port, token, server.url, organization, lambda: _made(server.url, key, folder))
            return [*pages, *files]
        finally:
            server.stop()


async def _pages(port: int, token: str) -> list[Figure]:
    def page(offset: int) -> bytes:
        return request("GET", f"/api/projects/@current/cohorts/1/persons/?offset={offset}", port, token=token)

    headers = {"authorization": f"Bearer {token}"}
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", headers=headers, timeout=30) as client:
        await client.get("/api/projects/@current/cohorts/1/persons/?limit=1")
        sudden: list[float] = []
        for offset in (DEEP, PERSONS // 2):
            begun = time.perf_counter()
            answer = await client.get(f"/api/projects/@current/cohorts/1/persons/?offset={offset}")
            sudden.append(1000 * (time.perf_counter() - begun))
            assert len(answer.json()["results"]) == 100
    found: list[tuple[float, float]] = []
    for _ in range(3):
        first = await load(port, page(0), connections=1, seconds=SECONDS, warm=WARM)
        deep = await load(port, page(DEEP), connections=1, seconds=SECONDS, warm=WARM)
        assert first.statuses == deep.statuses == {200}
        found.append((1000 * first.quantile(0.5), 1000 * deep.quantile(0.5)))
    first_ms, deep_ms = sorted(found, key=lambda one: one[1] / one[0])[1]
    against = f"the first page, {first_ms:.1f} ms"
    return [
        Figure(f"persons at offset {DEEP}: to the first page, p50", deep_ms / first_ms, "times", "at most", 3, against),
        Figure(f"persons at offset {DEEP}, p50", deep_ms, "ms", "at most", 30, "goal"),
        Figure(f"persons at offset {DEEP}, all of a sudden", sudden[0], "ms", "at most", 100, "goal"),
        Figure("persons in the middle, all of a sudden", sudden[1], "ms", "at most", 300, "goal"),
    ]


async def _file(port: int, token: str, url: str, organization: UUID, make: Callable[[], Litestar]) -> list[Figure]:
    """A file of a distinct id for each person, from its upload until everybody is in; and the rows by hand."""
    content = "\n".join(f"user-{number}@example.org" for number in range(1, PERSONS + 1)).encode()
    headers, app = {"authorization": f"Bearer {token}"}, make()
    begun = time.perf_counter()
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", headers=headers, timeout=120) as client:
        answer = await client.post(
            "/api/projects/@current/cohorts/",
            data={"name": "File", "is_static": "true"},
            files={"csv": ("people.csv", content, "text/csv")},
        )
        assert answer.status_code == 201, answer.text
        accepted = time.perf_counter() - begun
        async with started(app):
            while await run_next(app.state.runtime):
                pass
        took = time.perf_counter() - begun
        body = (await client.get(f"/api/projects/@current/cohorts/{answer.json()['id']}/")).json()
    assert (body["count"], body["is_calculating"]) == (PERSONS, False), body
    return [
        Figure("a file of 1,000,000 lines: accepted", accepted, "s", "at most", 15, "goal"),
        Figure("a file: rate to one INSERT", await _by_hand(url, organization) / took, "times", "at least", 0.1,
               "one INSERT of the same members"),
        Figure("a file: persons a second", PERSONS / took, "a second", "at least", 5000, "goal"),
    ]  # fmt: skip


async def _by_hand(url: str, organization: UUID) -> float:
    connection = await asyncpg.connect(url, server_settings={"jit": "off"})
    other = uuid4()
    await connection.execute(
        "INSERT INTO cohorts (id, organization_id, number) VALUES ($1, $2, 99)", other, organization
    )
    begun = time.perf_counter()
    await connection.execute(BY_HAND, other, organization, timeout=300)
    took = time.perf_counter() - begun
    await connection.close()
    return took
