"""Living cohorts over 1,000,000 persons and 10,000,000 events: calculating them, and following one changed person.

Each calculation is held against one statement written by hand, in the same run: what finds the same persons, and what
finds them and writes them where the calculation does. BENCH_PERSONS sets another number of persons.
"""

import asyncio
import os
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from statistics import median
from typing import Any
from uuid import UUID, uuid4

import asyncpg
from artifacts.cohorts.calculations import engine
from artifacts.cohorts.calculations.calculating import calculate_next
from artifacts.cohorts.calculations.commands import request
from artifacts.cohorts.calculations.telling import announce_once
from artifacts.cohorts.calculations.triggers import persons_changed
from artifacts.cohorts.filters.compiling import whole
from artifacts.cohorts.filters.parsing import parse
from artifacts.cohorts.models import Cohort
from artifacts.main import create_app
from artifacts.settings import Settings
from chassis.logs import configure
from chassis.revocations import Revocations
from chassis.runtime import Runtime
from database.migrations import migrate
from kernel import now
from sqlalchemy import text
from testkit import principals, servers
from testkit.applications import started

from bench.figures import Figure

PERSONS = int(os.environ.get("BENCH_PERSONS", "1000000"))
EVENTS = 10 * PERSONS
COHORTS = 1000
CHANGES = 20
TURNS = 5
POSTGRES = {"shared_buffers": "1GB", "work_mem": "64MB", "max_wal_size": "8GB", "maintenance_work_mem": "512MB"}
SERIAL = {"jit": "off", "max_parallel_workers_per_gather": "0"}
"""What writes its result does not run in parallel, so what it is held against does not either."""
PERSON = "CAST(lpad(to_hex({n}), 8, '0') || '-0000-7000-8000-' || substr(md5(({n})::text), 1, 12) AS uuid)"
SEED_PERSONS = f"""
INSERT INTO persons (id, organization_id, is_identified, properties)
SELECT {PERSON.format(n="n")}, $1, true, jsonb_build_object(
       'email', 'person' || n || '@example.org', 'name', 'Person ' || n,
       'plan', (ARRAY['free', 'basic', 'pro', 'team'])[1 + n % 4], 'age', n * 7 % 100,
       'country', (ARRAY['de', 'fr', 'es', 'it', 'us'])[1 + n * 11 % 5])
  FROM generate_series(1, {PERSONS}) n"""
SEED_EVENTS = f"""
INSERT INTO events (organization_id, id, event, person_id, distinct_id, timestamp)
SELECT $1, gen_random_uuid(), (ARRAY['view', 'buy', 'ask', 'read', 'write', 'share', 'open', 'close', 'edit', 'like'])[
           1 + (hashint8(m) & 2147483647) % 10], {PERSON.format(n="one.n")}, 'd' || one.n,
       now() - make_interval(secs => (hashint8(m + 7) & 2147483647) % 31536000)
  FROM generate_series(1::bigint, {EVENTS}) m
 CROSS JOIN LATERAL (SELECT 1 + (hashint8(m * 31) & 2147483647) % {PERSONS} AS n) one"""
MEMBERS = "SELECT count(*) FROM cohort_members WHERE until IS NULL AND profile_id = $1"
CHANGE = text("""
UPDATE persons SET properties = properties || jsonb_build_object('plan', CAST(:plan AS text)) WHERE id = :id
""")
PROFILE = [
    {"type": "person", "key": "plan", "operator": "exact", "value": "pro"},
    {"type": "person", "key": "age", "operator": "gt", "value": 30},
    {"type": "person", "key": "country", "operator": "exact", "value": ["de", "fr", "es"]},
]
BEHAVIOUR = [
    {
        "type": "behavioral",
        "key": "view",
        "event_type": "events",
        "value": "performed_event_multiple",
        "operator": "gte",
        "operator_value": 2,
        "time_value": 180,
        "time_interval": "day",
    }
]
BY_HAND = {
    "person": """
SELECT id FROM persons
 WHERE organization_id = $1 AND removed_at IS NULL AND properties ->> 'plan' = 'pro'
   AND (properties ->> 'age')::numeric > 30 AND properties ->> 'country' IN ('de', 'fr', 'es')""",
    "behavioral": """
SELECT p.id FROM persons p
  JOIN (SELECT person_id FROM events
         WHERE organization_id = $1 AND event = 'view' AND timestamp > now() - interval '180 days'
         GROUP BY person_id HAVING count(*) >= 2) did ON did.person_id = p.id
 WHERE p.organization_id = $1 AND p.removed_at IS NULL""",
}
"""Events hold ids of persons who are removed, and of nobody: both look into `persons`."""
WRITTEN = """
WITH entered AS (
    INSERT INTO cohort_members (cohort_id, profile_id, source) SELECT $2, id, 'filter' FROM ({chosen}) found
    RETURNING profile_id
)
INSERT INTO profile_cohorts AS known (profile_id, organization_id, times) SELECT profile_id, $1, 1 FROM entered
ON CONFLICT (profile_id) DO UPDATE SET times = known.times + 1"""


def made(url: str, folder: str) -> Any:
    """The service as it runs, without its connection to NATS."""
    settings = Settings(
        database_url=url, nats_url="", public_url=principals.ISSUER, objects_url=f"file:{folder}/objects"
    )
    return create_app(settings, verifier=principals.verifier(), revocations=Revocations(), connected=False)


async def seed(connection: Any, organization_id: UUID) -> None:
    """Fill persons and events; indexes of events are made afterwards, which is faster."""
    await connection.execute(
        "INSERT INTO organizations (id, number, name, display_name) VALUES ($1, 1, 'bench', 'Bench')", organization_id
    )
    await connection.execute(SEED_PERSONS, organization_id)
    indexes = await connection.fetch("SELECT indexname, indexdef FROM pg_indexes WHERE tablename = 'events'")
    later = [row for row in indexes if not row["indexname"].startswith("pk_")]
    for row in later:
        await connection.execute(f"DROP INDEX {row['indexname']}")
    await connection.execute(SEED_EVENTS, organization_id)
    for row in later:
        await connection.execute(row["indexdef"])
    await connection.execute("VACUUM ANALYZE")


async def measure() -> list[Figure]:
    """Every figure, of one run."""
    configure("artifacts", "error")
    with tempfile.TemporaryDirectory(prefix="muster-bench-") as folder:
        server = servers.postgres(Path(folder), settings=POSTGRES)
        try:
            await asyncio.to_thread(migrate, "artifacts", server.url)
            connection = await asyncpg.connect(server.url, server_settings=SERIAL, timeout=30)
            organization_id = uuid4()
            await seed(connection, organization_id)
            app = made(server.url, folder)
            async with started(app):
                runtime = app.state.runtime
                figures = [
                    *await _calculated(runtime, connection, organization_id, "person", PROFILE, limit=1.5),
                    *await _calculated(runtime, connection, organization_id, "behavioral", BEHAVIOUR, limit=2),
                    *await _followed(runtime, connection, organization_id),
                ]
            await connection.close()
            return figures
        finally:
            server.stop()


async def _calculated(
    runtime: Runtime, connection: Any, organization_id: UUID, kind: str, leaves: list[Any], *, limit: float
) -> list[Figure]:
    """One kind of cohort: its persons found, all of it calculated, and calculated again with nobody to move."""
    found, select, by_hand = await _found(connection, organization_id, kind, leaves)
    cohort = await _cohort(runtime, organization_id, leaves)
    whole_time, whole_hand = await _written(runtime, connection, organization_id, cohort, kind, found)
    await _ask(runtime, cohort)
    await calculate_next(runtime)
    await _ask(runtime, cohort)
    again = await _timed(lambda: calculate_next(runtime))
    while await announce_once(runtime):
        pass
    name, hand = f"{kind} cohort", f"by hand {1000 * by_hand:.0f} ms"
    one = f"one INSERT … SELECT of the same rows {1000 * whole_hand:.0f} ms"
    first = f"{name}: calculated for the first time, all of it"
    return [
        Figure(f"{name}: its persons found", select / by_hand, "times", "at most", limit, f"{hand}, {found} persons"),
        Figure(first, whole_time / whole_hand, "times", "at most", limit, one),
        Figure(f"{name}: calculated again", again / by_hand, "times", "at most", 5, f"{hand}, without writing"),
    ]


async def _found(connection: Any, organization_id: UUID, kind: str, leaves: list[Any]) -> tuple[int, float, float]:
    """How many persons, and the time of our SELECT and of the one by hand."""
    filters = {"properties": {"type": "AND", "values": leaves}}
    chosen = whole(parse(filters, is_static=False), organization_id)
    ours, hand = f"SELECT count(*) FROM ({chosen.sql}) s", f"SELECT count(*) FROM ({BY_HAND[kind]}) s"
    values = chosen.bind(now())
    found = await connection.fetchval(ours, *values)
    assert abs(found - await connection.fetchval(hand, organization_id)) <= found / 1000, "they find the same persons"
    pairs = [
        (
            await _timed(lambda: connection.fetchval(ours, *values)),
            await _timed(lambda: connection.fetchval(hand, organization_id)),
        )
        for _ in range(TURNS)
    ]
    return found, *_middle(pairs)


async def _written(
    runtime: Runtime, connection: Any, organization_id: UUID, cohort: UUID, kind: str, found: int
) -> tuple[float, float]:
    """The time of a calculation of a cohort that has nobody, and of the same by hand."""
    turns: list[tuple[float, float]] = []
    for _ in range(TURNS):
        written = await _timed(lambda: _write_by_hand(connection, organization_id, cohort, kind))
        await _empty(connection, cohort)
        await _ask(runtime, cohort)
        turns.append((await _timed(lambda: calculate_next(runtime)), written))
        assert await connection.fetchval("SELECT member_count FROM cohorts WHERE id = $1", cohort) == found
        await _empty(connection, cohort)
    return _middle(turns)


async def _cohort(runtime: Runtime, organization_id: UUID, leaves: list[Any]) -> UUID:
    async with runtime.sessions.begin() as session:
        number = 1 + ((await session.execute(text("SELECT max(number) FROM cohorts"))).scalar_one() or 0)
        cohort = Cohort(organization_id=organization_id, number=number, is_static=False)
        cohort.filters = {"properties": {"type": "AND", "values": leaves}}
        session.add(cohort)
        await request(session, cohort)
    return cohort.id


async def _ask(runtime: Runtime, cohort_id: UUID) -> None:
    async with runtime.sessions.begin() as session:
        await request(session, await session.get_one(Cohort, cohort_id))


async def _write_by_hand(connection: Any, organization_id: UUID, cohort_id: UUID, kind: str) -> None:
    await connection.execute(WRITTEN.format(chosen=BY_HAND[kind]), organization_id, cohort_id)


async def _empty(connection: Any, cohort_id: UUID) -> None:
    await connection.execute("DELETE FROM member_announcements")
    await connection.execute("DELETE FROM cohort_members WHERE cohort_id = $1", cohort_id)
    await connection.execute("UPDATE cohorts SET member_count = 0 WHERE id = $1", cohort_id)
    await connection.execute("TRUNCATE profile_cohorts")
    await connection.execute("VACUUM cohort_members")


async def _followed(runtime: Runtime, connection: Any, organization_id: UUID) -> list[Figure]:
    """How long after the commit a person whose plan changed is in 1,000 cohorts, or out of them."""
    for number in range(COHORTS):
        await _cohort(runtime, organization_id, _condition(number))
    await connection.execute("UPDATE cohorts SET calculated_version = pending_version")
    person_id = await connection.fetchval("SELECT id FROM persons WHERE properties @> '{\"age\": 56}' LIMIT 1")
    before = await connection.fetchval(MEMBERS, person_id)
    following = asyncio.create_task(engine.follow_changes(runtime))
    times: list[float] = []
    for turn in range(CHANGES + 3):
        plan, several = ("gold", COHORTS) if turn % 2 == 0 else ("free", 0)
        async with runtime.sessions.begin() as session:
            await session.execute(CHANGE, {"id": person_id, "plan": plan})
            await persons_changed(session, organization_id, {person_id: {"plan"}})
        begun = time.perf_counter()
        while await connection.fetchval(MEMBERS, person_id) != before + several:
            await asyncio.sleep(0.005)
            assert time.perf_counter() - begun < 60, "the cohorts follow"
        times.append(time.perf_counter() - begun)
        await asyncio.sleep(0.1)
    following.cancel()
    times = sorted(times[3:])
    against = f"{CHANGES} changes, median {1000 * median(times):.0f} ms"
    slowest = 1000 * times[int(0.95 * len(times)) - 1]
    return [Figure(f"a changed person in or out of {COHORTS} cohorts, p95", slowest, "ms", "at most", 200, against)]


def _condition(number: int) -> list[Any]:
    return [
        {"type": "person", "key": "plan", "operator": "exact", "value": "gold"},
        {"type": "person", "key": "age", "operator": "gt", "value": number % 50},
        {"type": "person", "key": "email", "operator": "icontains", "value": ["@example.org", f"person{number}"]},
        *([BEHAVIOUR[0] | {"operator": "lt", "operator_value": 1000 + number}] if number % 10 == 0 else []),
    ]


async def _timed(call: Callable[[], Awaitable[Any]]) -> float:
    begun = time.perf_counter()
    await call()
    return time.perf_counter() - begun


def _middle(pairs: list[tuple[float, float]]) -> tuple[float, float]:
    """The pair whose ratio is the median."""
    return sorted(pairs, key=lambda one: one[0] / one[1])[len(pairs) // 2]
