"""What list pages of groups cost at 100,000 groups: against their own SQL through asyncpg, and against 1,000 groups."""

import asyncio
import os
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
from chassis.logs import configure
from chassis.revocations import Revocations
from database.migrations import migrate
from litestar import Litestar
from orgs.individual_group_logs.counting import count_entries
from orgs.main import create_app
from orgs.settings import Settings
from sqlalchemy import event
from testkit import principals, servers
from testkit.applications import started
from testkit.client import Client

from bench.figures import Figure
from bench.forest import NEW, Forest, plant
from bench.load import load, request
from bench.serving import served

LARGE, SMALL = 100_000, 1_000
ROUNDS = 1
SECONDS = 0.7
POSTGRES = {"shared_buffers": "512MB", "max_wal_size": "2GB"}
DEEP = "page[limit]=100&page[offset]=99900"


def pages(forest: Forest) -> dict[str, tuple[str, UUID]]:
    """Every page that is measured: its path and who asks."""
    size = len(forest.groups)
    place = f"organization-id={forest.organization}"
    v1, v2 = f"/v1/individual-groups/?{place}", f"/v2/individual-groups/?{place}"
    person, group = forest.people[17], forest.groups[size // 2]
    since = NEW.isoformat().replace("+00:00", "Z")
    filters = {
        "text": "filter[text]=0007",
        "tags": "filter[tags]=tag7",
        "node type": "filter[node-type]=division",
        "parent": f"filter[parent-group-id]={forest.groups[3]}",
        "leader": f"filter[leader-id]={forest.leader}",
        "individual": f"filter[individual-id]={person}",
        "without an individual": f"exclude[individual-id]={person}",
        "eligible": f"filter[eligible-individual-id]={person}",
        "leaves": "filter[tree-node-type]=leaf",
        "not leaves": "filter[tree-node-type]=non-leaf",
        "modified": f"filter[cmp-last-modified-time]=%3E%3D{since}",
        "without ids": f"filter[exclude-ids]={group}",
        "ids": "&".join(f"ids={one}" for one in forest.groups[:20]),
        "name": f"name=Harbour%20{size // 2:06}",
        "inactive, too": "filter[include-inactive]=true",
        "kept": "type=all_participants&type=unassigned",
    }
    people = f"/v1/individual-group-individuals/?individual-group-id={forest.kept['all_participants']}"
    logs = "/v1/individual-group-logs/"
    found = {f"v2 {name}": f"{v2}&{filtered}" for name, filtered in filters.items()}
    found |= {"v2": v2, "v1": v1, "v1 with individuals": f"{v1}&with-individuals=true&page[limit]=20"}
    found |= {"v2 everything": "/v2/individual-groups/", "people of everybody": people}
    found |= {"leaders": f"/v1/individual-group-leaders/?individual-group-id={forest.groups[0]}"}
    found |= {"log": f"{logs}?{place}", "log of a group": f"{logs}?individual-group-id={group}"}
    found |= {"log of a person": f"{logs}?{place}&filter[individual-id]={person}"}
    eligible = f"/v1/individual-groups/{group}/eligible-members/"
    found |= {"eligible leaders": eligible, "eligible individuals": f"{eligible}?member-type=individual"}
    asked = {name: (path, forest.admin) for name, path in found.items()}
    return asked | {"v2 for a leader": ("/v2/individual-groups/", forest.leader)}


def deep_pages(forest: Forest) -> dict[str, tuple[str, str]]:
    """First and thousandth pages."""
    place, everybody = f"organization-id={forest.organization}", forest.kept["all_participants"]
    lists = {
        "v2": f"/v2/individual-groups/?{place}",
        "v1": f"/v1/individual-groups/?{place}",
        "people of everybody": f"/v1/individual-group-individuals/?individual-group-id={everybody}",
        "log": f"/v1/individual-group-logs/?{place}",
    }
    return {name: (path, f"{path}&{DEEP}") for name, path in lists.items()}


def orgs_app(url: str, key: dict[str, Any]) -> Litestar:
    """The orgs service as it runs, without its connection to NATS."""
    sys.stdout = open(os.devnull, "w")  # noqa: SIM115, PTH123
    configure("orgs", "info")
    return made_app(url, key)


def made_app(url: str, key: dict[str, Any]) -> Litestar:
    async def keys() -> dict[str, Any]:
        return {"keys": [key]}

    settings = Settings(database_url=url, nats_url="", public_url=principals.ISSUER)
    verifier = principals.Verifier(principals.ISSUER, keys)
    return create_app(settings, verifier=verifier, revocations=Revocations(), connected=False)


@contextmanager
def heard(app: Litestar) -> Any:
    """The statements that an application sends, through SQLAlchemy and beside it, with their values."""
    found: list[tuple[str, Any]] = []
    runtime = app.state.runtime
    rows, engine = runtime.row, runtime.engine.sync_engine

    def note(_: Any, __: Any, statement: str, values: Any, *___: Any) -> None:
        found.append((statement, values))

    class Noted:
        async def all(self, statement: str, *values: Any) -> list[Any]:
            found.append((statement, values))
            return await rows.all(statement, *values)

    event.listen(engine, "before_cursor_execute", note)
    runtime.row = Noted()
    yield found
    runtime.row = rows
    event.remove(engine, "before_cursor_execute", note)


async def sql_seconds(connection: Any, statements: list[tuple[str, Any]]) -> float:
    """How long statements take one after another through asyncpg: the median."""
    took: list[float] = []
    begins = time.perf_counter()
    while len(took) < 20 or time.perf_counter() - begins < SECONDS:
        started_at = time.perf_counter()
        for statement, values in statements:
            await connection.fetch(statement, *values)
        took.append(time.perf_counter() - started_at)
        if len(took) >= 5 and time.perf_counter() - begins > 4 * SECONDS:
            break
    return sorted(took)[len(took) // 2]


class Measure:
    """Pages over HTTP and their SQL, in turn."""

    def __init__(self, port: int, app: Litestar, connection: Any) -> None:
        self.port = port
        self.app = app
        self.connection = connection

    async def page(self, path: str, user: UUID) -> tuple[float, float]:
        """The median over HTTP, one request after another, and its 95th percentile."""
        token = principals.access_token(user_id=user, lifetime=3600)
        path = path.replace("[", "%5B").replace("]", "%5D")
        found = await load(self.port, request("GET", path, self.port, token=token), connections=1, seconds=SECONDS)
        assert found.statuses == {200}, (path, found.statuses)
        return found.quantile(0.5), found.quantile(0.95)

    async def sql(self, path: str, user: UUID) -> float:
        """Its statements through asyncpg."""
        client = Client(self.app).as_(user_id=user)
        with heard(self.app) as statements:
            answer = await client.get(path)
        assert answer.status_code == 200, answer.text
        return await sql_seconds(self.connection, statements)


async def measure() -> list[Figure]:
    """The worst pages, and the thousandth against the first."""
    key = principals.signing_key().as_dict(private=False)
    with tempfile.TemporaryDirectory(prefix="muster-bench-") as folder:
        server = servers.postgres(Path(folder), settings=POSTGRES)
        try:
            await asyncio.to_thread(migrate, "orgs", server.url)
            connection = await asyncpg.connect(server.url)
            forests = [await plant(connection, size) for size in (SMALL, LARGE)]
            await connection.execute("VACUUM ANALYZE")
            app = made_app(server.url, key)
            async with started(app):
                with served(orgs_app, server.url, key) as port:
                    await count_entries(app.state.runtime)
                    return await _all(Measure(port, app, connection), *forests)
        finally:
            server.stop()


async def _all(measure: Measure, small: Forest, large: Forest) -> list[Figure]:
    rows: list[tuple[str, float, float, float, float]] = []
    for name, (path, user) in pages(large).items():
        rows.append((name, *await _page(measure, path, user, *pages(small)[name])))
    for name, ours, sql, other, slow in rows:
        print(
            f"{name:24} {1e3 * ours:7.2f} ms, p95 {1e3 * slow:7.2f}, sql {1e3 * sql:7.2f} (x{ours / sql:4.1f}), "
            f"with 1,000 groups {1e3 * other:7.2f} (x{ours / other:4.1f})"
        )
    name, ratio = max(((row[0], row[1] / row[2]) for row in rows), key=lambda one: one[1])
    other_name, growth = max(((row[0], row[1] / row[3]) for row in rows), key=lambda one: one[1])
    slow_name, slowest = max(((row[0], row[4]) for row in rows), key=lambda one: one[1])
    found = [
        Figure(f"worst of {len(rows)} list pages", ratio, "x", "at most", 3, f"its SQL through asyncpg ({name})"),
        Figure("worst growth of a page", growth, "x", "at most", 2, f"the same with {SMALL} groups ({other_name})"),
        Figure("slowest page, p95", 1e3 * slowest, "ms", "at most", 20, slow_name),
    ]
    for name, (first, deep) in deep_pages(large).items():
        ratios = []
        for _ in range(ROUNDS):
            one, thousandth = [(await measure.page(path, large.admin))[0] for path in (first, deep)]
            ratios.append((thousandth / one, one, thousandth))
        ratio, one, thousandth = sorted(ratios)[ROUNDS // 2]
        against = f"page 1: {1e3 * one:.1f} ms, page 1,000: {1e3 * thousandth:.1f} ms"
        found.append(Figure(f"page 1,000 of {name}", ratio, "x", "at most", 3, against))
    return found


async def _page(measure: Measure, path: str, user: UUID, small: str, small_user: UUID) -> tuple[float, ...]:
    rounds: list[tuple[float, ...]] = []
    for _ in range(ROUNDS):
        ours, slow = await measure.page(path, user)
        other, _ = await measure.page(small, small_user)
        rounds.append((ours, await measure.sql(path, user), other, slow))
    return tuple(sorted(column)[ROUNDS // 2] for column in zip(*rounds, strict=True))
