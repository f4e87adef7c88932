"""What large changes of groups cost: a move against one UPDATE, an import against COPY of the rows that it wrote."""

import asyncio
import io
import tempfile
import time
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
from database.migrations import migrate
from litestar import Litestar
from orgs.imports.keys import made_id
from orgs.imports.worker import run_next
from testkit import principals, servers
from testkit.applications import started
from testkit.client import Client

from bench.figures import Figure
from bench.forest import Forest, plant
from bench.orgs_lists import LARGE, POSTGRES, made_app

ROUNDS = 5
IMPORTED = 100_000
SORT = {"individuals": "individual", "individual-groups": "group"}
PARTS = 5
WRITTEN = {
    "individuals": {
        "individuals": "id = ANY($1::uuid[])",
        "group_individuals": "individual_id = ANY($1::uuid[])",
        "group_logs": "person_id = ANY($1::uuid[])",
        "aggregate_versions": "aggregate_id = ANY($1::uuid[]::text[])",
        "outbox": "id > $1",
    },
    "individual-groups": {
        "individual_groups": "id = ANY($1::uuid[])",
        "aggregate_versions": "aggregate_id = ANY($1::uuid[]::text[])",
        "outbox": "id > $1",
    },
}
"""Which rows an import adds, by table, in the order of foreign keys: those of its people or groups, and events."""
COLUMNS = """
SELECT column_name::text FROM information_schema.columns
WHERE table_name = $1 AND table_schema = 'public' ORDER BY ordinal_position
"""

UPDATE = """
UPDATE individual_groups
SET path = $2::uuid[] || path[$3:],
    parent_id = CASE WHEN id = $1 THEN $4 ELSE parent_id END,
    updated_at = CASE WHEN id = $1 THEN clock_timestamp() ELSE updated_at END
WHERE id = $1 OR path @> ARRAY[$1]
"""


async def measure() -> list[Figure]:
    """A subtree of 10,000 groups; 100,000 people."""
    key = principals.signing_key().as_dict(private=False)
    with tempfile.TemporaryDirectory(prefix="muster-bench-") as folder:
        server = servers.postgres(Path(folder), settings=POSTGRES)
        try:
            await asyncio.to_thread(migrate, "orgs", server.url)
            connection = await asyncpg.connect(server.url)
            forest = await plant(connection, LARGE)
            await connection.execute("VACUUM ANALYZE")
            app = made_app(server.url, key)
            async with started(app):
                moved = await move(app, connection, forest)
                print(moved)
            await connection.close()
            return [moved, *await imports(server.url, key)]
        finally:
            server.stop()


async def move(app: Litestar, connection: Any, forest: Forest) -> Figure:
    """To another root and back, by turns with the same by hand."""
    client = Client(app).as_(user_id=forest.admin)
    root, other = forest.groups[0], forest.groups[1]
    ours: list[float] = []
    plain: list[float] = []
    moved = 0
    for _ in range(ROUNDS):
        for target in (other, None):
            begins = time.perf_counter()
            answer = await client.post(
                f"/v1/individual-groups/{root}/move-group/", json={"to-parent-group-id": target and str(target)}
            )
            ours.append(time.perf_counter() - begins)
            assert answer.status_code == 201, answer.text
            task = await client.get(f"/v1/tasks/{answer.json()['data']['task-id']}/")
            moved = task.json()["data"]["attributes"]["result"]["moved"]
        for target, path, skip in ((other, [other], 1), (None, [], 2)):
            begins = time.perf_counter()
            done = await connection.execute(UPDATE, root, path, skip, target)
            plain.append(time.perf_counter() - begins)
            assert done == f"UPDATE {moved}"
    ratio = middle(ours) / middle(plain)
    against = (
        f"one UPDATE of the same {moved:,} rows: {1e3 * middle(plain):.0f} ms, the move {1e3 * middle(ours):.0f} ms"
    )
    return Figure("moving a subtree", ratio, "x", "at most", 2, against)


async def imports(url: str, key: dict[str, Any]) -> list[Figure]:
    """100,000 people with a group each, and 100,000 groups, into an organization of 1,000 groups.

    In five parts, each of which is copied into a twin of the database after it: both see the same load.
    """
    found: list[Figure] = []
    for kind in WRITTEN:
        name = kind.replace("-", "_")
        ours = await _database(url, f"ours_{name}")
        source = await asyncpg.connect(ours)
        forest = await plant(source, 1000)
        await source.execute("VACUUM ANALYZE")
        await source.close()
        twin = await _database(url, f"twin_{name}", template=f"ours_{name}")
        source, target = await asyncpg.connect(ours), await asyncpg.connect(twin)
        app = made_app(ours, key)
        took, plain, rows = 0.0, 0.0, 0
        async with started(app):
            for part in range(PARTS):
                numbers = range(part * IMPORTED // PARTS, (part + 1) * IMPORTED // PARTS)
                took += await _imported(app, forest, kind, numbers)
                ids = [made_id(forest.organization, SORT[kind], f"k{number}") for number in numbers]
                seconds, copied = await _copied(source, target, kind, ids)
                plain, rows = plain + seconds, rows + copied
        await source.close()
        await target.close()
        against = f"COPY of the {rows:,} rows that it wrote: {plain:.1f} s, the import {took:.1f} s"
        print(against)
        found.append(Figure(f"import of {IMPORTED:,} {kind}", plain / took, "x", "at least", 0.3, against))
    return found


async def _imported(app: Litestar, forest: Forest, kind: str, numbers: range) -> float:
    content = _file(forest, kind, numbers)
    client = Client(app).as_(user_id=forest.admin)
    query = {"organization-id": str(forest.organization), "kind": kind}
    begins = time.perf_counter()
    answer = await client.post("/v1/imports/", params=query, content=content)
    assert answer.status_code == 201, answer.text
    assert await run_next(app.state.runtime)
    took = time.perf_counter() - begins
    done = (await client.get(f"/v1/imports/{answer.json()['data']['id']}/")).json()["data"]["attributes"]
    assert (done["status"], done["created"]) == ("done", len(numbers)), done
    return took


def _file(forest: Forest, kind: str, numbers: range) -> bytes:
    groups = forest.groups
    if kind == "individuals":
        rows = (
            f"k{n},First{n},Last{n},p{n}@example.org,1980-01-{1 + n % 28:02},{groups[n * 7 % len(groups)]}"
            for n in numbers
        )
        return "\n".join(["key,first-name,last-name,email,birth-date,groups", *rows]).encode()
    above = ((n, f"k{n // 10 - 1}" if n >= 10 else str(groups[0])) for n in numbers)
    rows = (f"k{n},Group {n},{parent},group,tag{n % 50}" for n, parent in above)
    return "\n".join(["key,name,parent-key,node-type,tags", *rows]).encode()


async def _copied(source: Any, target: Any, kind: str, ids: list[UUID]) -> tuple[float, int]:
    """Seconds that COPY takes for what an import has written, and how many rows that is."""
    took, rows = 0.0, 0
    for table, fresh in WRITTEN[kind].items():
        names = [row[0] for row in await source.fetch(COLUMNS, table)]
        value = ids if table != "outbox" else await target.fetchval("SELECT coalesce(max(id), 0) FROM outbox")
        buffer = io.BytesIO()
        query = f"SELECT {', '.join(names)} FROM {table} WHERE {fresh}"
        await source.copy_from_query(query, value, output=buffer, format="binary")
        buffer.seek(0)
        begins = time.perf_counter()
        done = await target.copy_to_table(table, source=buffer, columns=names, format="binary")
        took += time.perf_counter() - begins
        rows += int(done.split()[1])
    return took, rows


async def _database(url: str, name: str, template: str = "postgres") -> str:
    connection = await asyncpg.connect(url.rsplit("/", 1)[0] + "/template1")
    await connection.execute(f"CREATE DATABASE {name} TEMPLATE {template if template != 'postgres' else 'template0'}")
    await connection.close()
    made = f"{url.rsplit('/', 1)[0]}/{name}"
    if template == "postgres":
        await asyncio.to_thread(migrate, "orgs", made)
    return made


def middle(values: list[float]) -> float:
    """The median."""
    return sorted(values)[len(values) // 2]
