"""authz at its full size: one million users, two million individuals. A process is measured as a replica would run."""

import asyncio
import multiprocessing
import random
import tempfile
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import asyncpg
from authz.authz_individuals.queries import individuals
from authz.authz_individuals.schemas import IndividualsQuery
from authz.base_facts.load import load
from authz.index import Facts, accessible, allows, parse
from authz.index.walks import below
from chassis.app import settle_memory
from database import engine, session_maker
from database.migrations import migrate
from rich.console import Console
from testkit.servers import postgres

from bench.authz_world import FULL, GROUPS, INDIVIDUALS, ORGANIZATIONS, USERS, fill, identifier
from bench.figures import Figure

SMALL = 1
CHECKS = 20_000
ROUNDS = 5
MOVES = 2_000
WANTED = 60_000
LEADER = identifier(1, USERS * FULL)
"""A user beyond those of the graph, who is made leader of as many groups as hold the wanted individuals."""

SETTINGS = {"shared_buffers": "512MB", "max_wal_size": "8GB", "max_parallel_workers_per_gather": "2"}


async def measure() -> list[Figure]:
    """Start, memory, check, list, search and move at the full size; the check at a hundredth, too."""
    console = Console(stderr=True)
    found: dict[int, dict[str, float]] = {}
    with tempfile.TemporaryDirectory(prefix="muster-bench-") as folder:
        server = postgres(Path(folder), settings=SETTINGS)
        try:
            for size in (SMALL, FULL):
                with console.status(f"making a graph of {size} hundredths of the full size"):
                    url = await _database(server.url, size)
                with console.status("measuring it"):
                    found[size] = await asyncio.to_thread(_apart, url, size)
        finally:
            server.stop()
    full, small = found[FULL], found[SMALL]
    return [
        Figure("authz at full size: ready after start", full["start"], "s", "at most", 30),
        Figure("authz at full size: memory at its highest", full["memory"], "MiB", "at most", 1536),
        Figure(
            "check at full size", full["check"], "µs", "at most", 2 * small["check"], f"{small['check']:.2f} µs small"
        ),
        Figure(f"list of {full['listed']:,.0f} ids, written", full["list"], "ms", "at most", 25, "in the service"),
        Figure("individuals by three filters", full["individuals"], "ms", "at most", 50, "in the service"),
        Figure("group move in the index", full["move"], "ms", "at most", 1),
    ]


async def _database(root: str, size: int) -> str:
    name = f"authz_{size}"
    connection = await asyncpg.connect(root)
    await connection.execute(f"CREATE DATABASE {name}")
    await connection.close()
    url = f"{root.rpartition('/')[0]}/{name}"
    await asyncio.to_thread(migrate, "authz", url)
    await fill(url, size)
    return url


def _apart(url: str, size: int) -> dict[str, float]:
    """What `_replica` measures in a process of its own."""
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(
        target=_replica, args=(url, size, time.time(), theirs), daemon=True
    )
    process.start()
    theirs.close()
    try:
        return ours.recv()
    finally:
        process.join(30)


def _replica(url: str, size: int, started: float, answers: Connection) -> None:
    answers.send(asyncio.run(_figures(url, size, started)))


async def _figures(url: str, size: int, started: float) -> dict[str, float]:
    connection = await asyncpg.connect(url)
    facts = (await load(connection)).facts
    settle_memory()
    found = {"start": time.time() - started, "memory": _memory()}
    await connection.close()
    found["check"] = _check(facts, size)
    found["listed"] = lead(facts, min(WANTED, size * INDIVIDUALS // 4))
    found["list"] = best(lambda: accessible(facts, LEADER, [parse("individual::read", "")]).written(WANTED * 2, 0))
    found["individuals"] = await _search(facts, url)
    found["move"] = _move(facts, size)
    return found


def _memory() -> float:
    """MiB that this process had at the most."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM"))


def _check(facts: Facts, size: int) -> float:
    """Microseconds for whether a user may read an individual."""
    chance = random.Random(3)
    asked = [
        (
            identifier(1, chance.randrange(USERS * size)),
            [parse(f"individual:{identifier(4, chance.randrange(INDIVIDUALS * size))}:read", "")],
        )
        for _ in range(CHECKS)
    ]
    return 1000 * best(lambda: [allows(facts, user, queries) for user, queries in asked]) / CHECKS


def lead(facts: Facts, wanted: int) -> int:
    """Make the leader lead trees until these hold `wanted` individuals; how many they hold."""
    for root in range(0, len(facts.groups), 16):
        facts.set_person(identifier(3, root), "leader", LEADER, present=True)
        led = below(facts, facts.users.led[facts.users.find(LEADER)])
        if sum(len(facts.groups.individuals[group]) for group in led) >= wanted:
            break
    return accessible(facts, LEADER, [parse("individual::read", "")]).total


async def _search(facts: Facts, url: str) -> float:
    """Milliseconds for a name, a flag and an account type among all that the leader may read."""
    bind = engine(url, "bench")
    reads = session_maker(bind.execution_options(isolation_level="AUTOCOMMIT"))
    asked = IndividualsQuery(
        operation="read", user_id=LEADER, last_name="Last 7", email_verified=True, account_type="patient"
    )
    took: list[float] = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        (await individuals(facts, asked, reads)).written(WANTED, 0)
        took.append(time.perf_counter() - started)
    await bind.dispose()
    return 1000 * min(took)


def _move(facts: Facts, size: int) -> float:
    """Milliseconds for moving a group with all below it."""
    chance = random.Random(5)
    moves = [
        (identifier(3, chance.randrange(GROUPS * size)), identifier(3, chance.randrange(GROUPS * size)))
        for _ in range(MOVES)
    ]
    places = [identifier(2, number) for number in range(ORGANIZATIONS)]
    return best(lambda: [facts.set_group(group, places[0], parent) for group, parent in moves], rounds=1) / MOVES


def best(action: Callable[[], Any], rounds: int = ROUNDS) -> float:
    """Milliseconds of the quickest of some rounds."""
    took: list[float] = []
    for _ in range(rounds):
        started = time.perf_counter()
        action()
        took.append(time.perf_counter() - started)
    return 1000 * min(took)
