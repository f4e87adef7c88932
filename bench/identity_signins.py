"""Sign-ins against what argon2 allows, refreshing while sign-ins saturate the machine, refresh and authenticate."""

import asyncio
import base64
import os
import re
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import msgspec
from argon2 import PasswordHasher
from chassis.logs import configure
from chassis.revocations import Revocations
from database.migrations import migrate
from identity.main import create_app
from identity.passwords.hashing import MEMORY_KIB, PASSES
from identity.settings import Settings
from litestar import Litestar
from testkit import servers

from bench.figures import Figure
from bench.load import Result, load, request
from bench.serving import served

PASSWORD = "correct-Horse-battery-7"
PEOPLE = 64
SECONDS = 5.0
PACED, PACE = 5, 0.1
TOKEN = re.compile(rb'"refresh-token":"([^"]+)"')
LENGTH = re.compile(rb"content-length: (\d+)", re.IGNORECASE)
SEED = """
INSERT INTO users (id, username, username_key, email, email_key, email_verified, password_hash, state, account_type)
SELECT uuidv7(), name, name, name, name, true, $2, 'confirmed', 'provider' FROM unnest($1::text[]) AS new(name)
"""


def identity_app(url: str) -> Litestar:
    """The identity service as it runs, without its connection to NATS and without budgets that bind."""
    sys.stdout = open(os.devnull, "w")  # noqa: SIM115, PTH123
    configure("identity", "info")
    key = base64.urlsafe_b64encode(os.urandom(32)).decode()
    settings = Settings(database_url=url, nats_url="", master_key=key, throttle_scale=1e4, hashing_deadline=30.0)
    return create_app(settings, revocations=Revocations(), connected=False)


async def measure() -> list[Figure]:
    """Everything on one web process with PostgreSQL beside it."""
    with tempfile.TemporaryDirectory(prefix="muster-bench-") as folder:
        server = servers.postgres(Path(folder))
        try:
            await asyncio.to_thread(migrate, "identity", server.url)
            names = await seed(server.url)
            with served(identity_app, server.url) as port:
                return await _measure(port, names)
        finally:
            server.stop()


async def seed(url: str) -> list[str]:
    """People who share a password."""
    names = [f"{uuid4().hex}@example.org" for _ in range(PEOPLE)]
    connection = await asyncpg.connect(url)
    await connection.execute(SEED, names, hasher().hash(PASSWORD))
    await connection.execute("ANALYZE")
    await connection.close()
    return names


def hasher() -> PasswordHasher:
    """argon2 as the service uses it."""
    return PasswordHasher(time_cost=PASSES, memory_cost=MEMORY_KIB, parallelism=1)


def one_hash() -> float:
    """Seconds that one check of a password takes, the middle one of a few."""
    kept, times = hasher().hash(PASSWORD), list[float]()
    for _ in range(15):
        started = time.perf_counter()
        hasher().verify(kept, PASSWORD)
        times.append(time.perf_counter() - started)
    return sorted(times)[len(times) // 2]


async def _measure(port: int, names: list[str]) -> list[Figure]:
    tokens = [(await _sign_in(port, name))["refresh-token"] for name in names[:16]]
    logins = [_login(port, name) for name in names[16:]]
    figures = [await _signing_in(port, logins), await _refreshing_beside(port, logins, tokens[:PACED])]
    alone = await _refreshing(port, tokens[PACED:], SECONDS)
    figures.append(Figure("refresh", alone.rate, "a second", "at least", 300, _p95(alone)))
    token = (await _sign_in(port, names[0]))["access-token"]
    asked = await load(port, request("POST", "/v1/authenticate", port, token=token), seconds=SECONDS)
    assert asked.statuses == {201}
    figures.append(Figure("authenticate", asked.rate, "a second", "at least", 1500, _p95(asked)))
    return figures


async def _signing_in(port: int, logins: list[bytes]) -> Figure:
    """As many sign-ins as there can be, each person's in turn; hashing is timed before and after."""
    cores = len(os.sched_getaffinity(0))
    seconds = [one_hash()]
    signed = await load(port, logins, connections=4 * cores, seconds=SECONDS)
    assert signed.statuses == {201}
    limit = cores / statistics.mean([*seconds, one_hash()])
    against = f"{signed.rate:.1f} of {limit:.1f} a second; p95 {1e3 * signed.quantile(0.95):.0f} ms"
    return Figure("sign-ins", signed.rate / limit, "of cores / one argon2", "at least", 0.75, against)


async def _refreshing_beside(port: int, logins: list[bytes], tokens: list[str]) -> Figure:
    """Refreshing at a steady pace, while sign-ins take all that the machine has."""
    cores = len(os.sched_getaffinity(0))
    signing = asyncio.create_task(load(port, logins, connections=4 * cores, seconds=2 * SECONDS))
    await asyncio.sleep(1)
    beside = await _refreshing(port, tokens, 2 * SECONDS - 1, every=PACE)
    signed = await signing
    assert signed.statuses == {201}
    against = f"{beside.rate:.0f} a second beside {signed.rate:.0f} sign-ins; p50 {1e3 * beside.quantile(0.5):.1f} ms"
    return Figure("refresh beside saturating sign-ins, p99", 1e3 * beside.quantile(0.99), "ms", "at most", 50, against)


def _p95(result: Result) -> str:
    return f"one process; p95 {1e3 * result.quantile(0.95):.1f} ms"


def _login(port: int, name: str) -> bytes:
    return request("POST", "/v1/login", port, body=msgspec.json.encode({"username": name, "password": PASSWORD}))


async def _sign_in(port: int, name: str) -> dict[str, Any]:
    line = await Line.open(port)
    return msgspec.json.decode(await line.ask(_login(port, name)))


async def _refreshing(port: int, tokens: list[str], seconds: float, *, every: float = 0.0) -> Result:
    """Each token's family on a connection of its own, one exchange after another, `every` seconds or at once."""
    ends, latencies = time.perf_counter() + seconds, list[float]()

    async def follow(token: str) -> None:
        line = await Line.open(port)
        while (started := time.perf_counter()) < ends:
            body = msgspec.json.encode({"refresh-token": token})
            found = TOKEN.search(await line.ask(request("POST", "/v1/refresh-token", port, body=body)))
            assert found is not None
            token = found[1].decode()
            latencies.append(time.perf_counter() - started)
            await asyncio.sleep(max(0.0, started + every - time.perf_counter()))
        line.writer.close()

    await asyncio.gather(*map(follow, tokens))
    return Result(len(latencies) / seconds, sorted(latencies), {201})


class Line:
    """A connection whose answers are read."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    @classmethod
    async def open(cls, port: int) -> "Line":
        return cls(*await asyncio.open_connection("127.0.0.1", port))

    async def ask(self, raw: bytes) -> bytes:
        """The body of an answer."""
        self.writer.write(raw)
        head = await self.reader.readuntil(b"\r\n\r\n")
        found = LENGTH.search(head)
        assert found is not None
        return await self.reader.readexactly(int(found[1]))
