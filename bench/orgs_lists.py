"""What list pages of groups cost at 100,000 groups: against their own SQL through asyncpg, and against 1,000 groups."""

import asyncio
import os
import sys
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
from chassis.logs import configure
from chassis.revocations import Revocations
from database import Bookmarks
from database.migrations import migrate
from database.rows import NOT_PARALLEL
from litestar import Litestar
from orgs.individual_group_individuals import queries as people_queries
from orgs.individual_group_logs import queries as log_queries
from orgs.individual_group_logs.counting import count_entries
from orgs.individual_groups import queries as group_queries
from orgs.main import create_app
from orgs.settings import Settings
from sqlalchemy import event
from testkit import principals, servers
from testkit.applications import started
from testkit.client import Client

from bench.figures import Figure
from bench.forest import NEW, Forest, plant
from bench.load import Connection, request
from bench.serving import served

LARGE, SMALL = 100_000, 1_000
TURNS, EACH = 20, 5
FULL = 50
"""A page with as many rows is measured against its SQL alone; below that an empty answer costs as much as the SQL."""
POSTGRES = {"shared_buffers": "512MB", "max_wal_size": "2GB"}
DEEP = "page[limit]=100&page[offset]=99900"


def usual(times: list[float]) -> float:
    """The time that a quarter of them keep: what others do on the machine disturbs it less than the median."""
    return sorted(times)[len(times) // 4]


@dataclass
class Page:
    """What was measured of a page, in seconds."""

    rows: int
    ours: list[float] = field(default_factory=list)
    small: list[float] = field(default_factory=list)
    empty: list[float] = field(default_factory=list)
    sql: list[float] = field(default_factory=list)

    @property
    def of_sql(self) -> float:
        """Against its SQL."""
        return usual(self.ours) / usual(self.sql)

    @property
    def of_sql_and_empty(self) -> float:
        """Against its SQL and an answer that needs none."""
        return usual(self.ours) / (usual(self.sql) + usual(self.empty))

    @property
    def growth(self) -> float:
        """Against the same page of the small organization."""
        return usual(self.ours) / usual(self.small)

    @property
    def slow(self) -> float:
        """The 95th percentile."""
        return sorted(self.ours)[int(0.95 * len(self.ours))]

    def __str__(self) -> str:
        """For people who want all figures."""
        times = [1e3 * usual(one) for one in (self.ours, self.sql, self.small)]
        return "{:6.2f} ms, sql {:6.2f}, with 1,000 groups {:6.2f}; p95 {:6.2f}, {} rows, x{:.1f} x{:.1f}".format(
            *times, 1e3 * self.slow, self.rows, self.of_sql, self.growth
        )


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


class Measure:
    """Pages over HTTP, their SQL through asyncpg and an empty answer, a few of each in turn: all see the same load."""

    def __init__(self, port: int, app: Litestar, connection: Any) -> None:
        self.port = port
        self.app = app
        self.connection = connection

    async def page(self, path: str, user: UUID, small: str, small_user: UUID) -> Page:
        """One page at both sizes."""
        statements, rows = await self._asked(path, user)
        found = Page(rows)
        raws = {
            "ours": self._raw(path, user),
            "small": self._raw(small, small_user),
            "empty": self._raw("/livez", user),
        }
        opened = await Connection.open("127.0.0.1", self.port)
        for turn in range(-1, TURNS):
            for name, raw in raws.items():
                for _ in range(EACH):
                    begins = time.perf_counter()
                    assert await opened.request(raw) == 200, path
                    if turn >= 0:
                        getattr(found, name).append(time.perf_counter() - begins)
            for _ in range(EACH):
                begins = time.perf_counter()
                for statement, values in statements:
                    await self.connection.fetch(statement, *values)
                if turn >= 0:
                    found.sql.append(time.perf_counter() - begins)
        opened.transport.close()
        return found

    async def first_time(self, path: str, user: UUID) -> float:
        """How long a page takes when nobody has asked for a page of the list before, in this process."""
        client = Client(self.app).as_(user_id=user)
        took: list[float] = []
        for turn in range(-2, TURNS):
            group_queries.BOOKMARKS = people_queries.BOOKMARKS = log_queries.BOOKMARKS = Bookmarks()
            begins = time.perf_counter()
            assert (await client.get(path)).status_code == 200
            if turn >= 0:
                took.append(time.perf_counter() - begins)
        return usual(took)

    async def _asked(self, path: str, user: UUID) -> tuple[list[tuple[str, Any]], int]:
        client = Client(self.app).as_(user_id=user)
        with heard(self.app) as statements:
            answer = await client.get(path)
        assert answer.status_code == 200, answer.text
        return statements, len(answer.json()["data"])

    def _raw(self, path: str, user: UUID) -> bytes:
        token = principals.access_token(user_id=user, lifetime=3600)
        return request("GET", path.replace("[", "%5B").replace("]", "%5D"), self.port, token=token)


async def measure() -> list[Figure]:
    """The worst pages, and the thousandth against the first."""
    key = principals.signing_key().as_dict(private=False)
    with tempfile.TemporaryDirectory(prefix="muster-bench-") as folder:
        server = servers.postgres(Path(folder), settings=POSTGRES)
        try:
            await asyncio.to_thread(migrate, "orgs", server.url)
            connection = await asyncpg.connect(server.url, server_settings={"jit": "off"} | NOT_PARALLEL)
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
    found: dict[str, Page] = {}
    for name, (path, user) in pages(large).items():
        found[name] = one = await measure.page(path, user, *pages(small)[name])
        print(f"{name:24} {one}")
    full = {name: one.of_sql for name, one in found.items() if one.rows >= FULL}
    short = {name: one.of_sql_and_empty for name, one in found.items() if one.rows < FULL}
    growth = {name: one.growth for name, one in found.items()}
    slow = {name: 1e3 * one.slow for name, one in found.items()}
    empty = 1e3 * usual([value for one in found.values() for value in one.empty])
    figures = [
        _worst(f"worst of {len(full)} full pages", full, "x", 3, "its SQL through asyncpg"),
        _worst(f"worst of {len(short)} short ones", short, "x", 3, f"its SQL and an empty answer ({empty:.1f} ms)"),
        _worst("worst growth of a page", growth, "x", 2, f"the same with {SMALL:,} groups"),
        _worst("slowest page, p95", slow, "ms", 20, ""),
    ]
    for name, (first, deep) in deep_pages(large).items():
        one = await measure.page(deep, large.admin, first, large.admin)
        against = f"page 1: {1e3 * usual(one.small):.1f} ms, page 1,000: {1e3 * usual(one.ours):.1f} ms"
        figures.append(Figure(f"page 1,000 of {name}, paging through", one.growth, "x", "at most", 3, against))
        sudden = 1e3 * await measure.first_time(deep, large.admin)
        figures.append(Figure("the same, all of a sudden", sudden, "ms", "at most", 20, "no page was asked for before"))
    return figures


def _worst(name: str, values: dict[str, float], unit: str, limit: float, against: str) -> Figure:
    which, value = max(values.items(), key=lambda one: one[1])
    return Figure(name, value, unit, "at most", limit, f"{against} ({which})".strip())
