"""Whether the time of a failed sign-in tells what is known of the user: medians of eight kinds, against one hash.

The kinds take turns, so that whatever else the machine does is the same for all.
"""

import asyncio
import random
import statistics
import tempfile
import time
from pathlib import Path
from uuid import uuid4

import asyncpg
import msgspec
from database.migrations import migrate
from testkit import servers

from bench.figures import Figure
from bench.identity_signins import PASSWORD, Line, hasher, identity_app, one_hash
from bench.load import request
from bench.serving import served

ROUNDS = 80
WRONG = "not-the-Password-1"
STATES = {
    "wrong password": "confirmed",
    "empty password": "confirmed",
    "locked a moment ago": "confirmed",
    "unverified": "registered",
    "without a password": "confirmed",
    "archived": "archived",
    "disabled": "disabled",
}
PASSWORDS = {"wrong password": WRONG, "empty password": "", "locked a moment ago": WRONG}
SEED = """
INSERT INTO users (id, username, username_key, email, email_key, email_verified, password_hash, state, account_type)
VALUES (uuidv7(), $1, $1, $1, $1, $2 <> 'registered', $3, $2, 'provider')
"""


async def measure() -> list[Figure]:
    """The widest distance between two medians, as a share of one hash."""
    with tempfile.TemporaryDirectory(prefix="muster-bench-") as folder:
        server = servers.postgres(Path(folder))
        try:
            await asyncio.to_thread(migrate, "identity", server.url)
            names = await _seed(server.url)
            with served(identity_app, server.url) as port:
                return [await _measure(port, names)]
        finally:
            server.stop()


async def _seed(url: str) -> dict[str, str]:
    names = {kind: f"{uuid4().hex}@example.org" for kind in ("unknown", *STATES)}
    connection, kept = await asyncpg.connect(url), hasher().hash(PASSWORD)
    for kind, state in STATES.items():
        has_none = kind in {"without a password", "unverified"}
        await connection.execute(SEED, names[kind], state, None if has_none else kept)
    await connection.close()
    return names


async def _measure(port: int, names: dict[str, str]) -> Figure:
    line = await Line.open(port)
    asked = {kind: _login(port, name, PASSWORDS.get(kind, PASSWORD)) for kind, name in names.items()}
    for _ in range(12):
        await line.ask(asked["locked a moment ago"])
    times: dict[str, list[float]] = {kind: [] for kind in asked}
    hashes: list[float] = []
    for turn in range(ROUNDS):
        for kind in random.sample(list(asked), len(asked)):
            started = time.perf_counter()
            answer = await line.ask(asked[kind])
            times[kind].append(time.perf_counter() - started)
            assert b'"invalid-credentials"' in answer, answer
        if turn % 20 == 0:
            hashes.append(one_hash())
    medians = {kind: statistics.median(found) for kind, found in times.items()}
    slowest, quickest = max(medians, key=lambda kind: medians[kind]), min(medians, key=lambda kind: medians[kind])
    between = medians[slowest] - medians[quickest]
    one = statistics.median(hashes)
    against = (
        f"{1e3 * medians[quickest]:.2f} ms ({quickest}) to {1e3 * medians[slowest]:.2f} ms ({slowest}); "
        f"one hash {1e3 * one:.1f} ms"
    )
    return Figure("failed sign-ins: medians differ by", 100 * between / one, "% of one hash", "at most", 5, against)


def _login(port: int, name: str, password: str) -> bytes:
    body = msgspec.json.encode({"username": name, "password": password})
    return request("POST", "/v1/login", port, body=body)
