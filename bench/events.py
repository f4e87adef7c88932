"""From a commit in one service to its effect in another: orgs writes, authz's index answers."""

import asyncio
import json
import time
from uuid import UUID, uuid4

import aiohttp
from contracts.event import Event
from contracts.orgs import GroupCreated, GroupPeopleChanged
from database import engine, session_maker
from messaging import Messaging, publish
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from bench.figures import Figure
from bench.gateway import sign_in
from bench.platform import Platform, platform

EVENTS_A_SECOND = 200
SECONDS = 20
PROBE_EVERY = 20
PROBE_TICK = 0.002


async def commit(sessions: async_sessionmaker[AsyncSession], *events: Event) -> None:
    """Announce events as a command of orgs does."""
    async with sessions.begin() as session:
        for one in events:
            await publish(session, one)


class Probe:
    """Asks authz until a new leader may read their group."""

    def __init__(self, http: aiohttp.ClientSession, url: str, token: str) -> None:
        self.http = http
        self.url = url
        self.headers = {"authorization": f"Bearer {token}"}
        self.took: list[float] = []

    async def seen(self, user_id: UUID, group_id: UUID, committed: float) -> None:
        """Note how long after its commit the right was there."""
        body = {"user-id": str(user_id), "access-query": [f"group:{group_id}:read"]}
        while True:
            async with self.http.post(self.url, json=body, headers=self.headers) as answer:
                if (await answer.json())["allow"]:
                    self.took.append(time.perf_counter() - committed)
                    return
            await asyncio.sleep(PROBE_TICK)


async def run(sessions: async_sessionmaker[AsyncSession], probe: Probe) -> None:
    """Commit at a steady rate; every so often follow one of the events to its effect."""
    organization_id = uuid4()
    groups = [uuid4() for _ in range(50)]
    for group in groups:
        made = {"parent_id": None, "name": "Group", "node_type": "group", "type": "regular"}
        await commit(sessions, GroupCreated(group_id=group, organization_id=organization_id, **made))
    probes: set[asyncio.Task[None]] = set()
    begins = time.perf_counter()
    for number in range(EVENTS_A_SECOND * SECONDS):
        await asyncio.sleep(max(0.0, begins + number / EVENTS_A_SECOND - time.perf_counter()))
        user_id, group_id = uuid4(), groups[number % len(groups)]
        added = GroupPeopleChanged(group_id=group_id, organization_id=organization_id, kind="leader", added=(user_id,))
        await commit(sessions, added)
        if number % PROBE_EVERY == 0:
            probes.add(asyncio.create_task(probe.seen(user_id, group_id, time.perf_counter())))
    await asyncio.wait_for(asyncio.gather(*probes), 30)


DELAY = "authz_index_stream_delay_seconds_bucket{le="


async def below(http: aiohttp.ClientSession, metrics: str) -> dict[float, float]:
    """How many events were in authz's index within so many seconds of their arrival on the stream."""
    async with http.get(metrics) as answer:
        lines = (await answer.text()).splitlines()
    rows = [line.removeprefix(DELAY).split() for line in lines if line.startswith(DELAY)]
    return {float(bound.strip('"}')): float(count) for bound, count in rows}


async def measure_on(made: Platform) -> tuple[list[float], float]:
    """The delays, sorted, in seconds; within how many seconds 99 % of what arrived on the stream was in the index."""
    secrets = json.loads((made.home / "secrets.json").read_text())
    parts = made.state["components"]
    database_url = f"postgresql://orgs:{secrets['databases']['orgs']}@127.0.0.1:{parts['postgres']['port']}/orgs"
    bind = engine(database_url, "bench")
    sessions = session_maker(bind)
    waking = Messaging(
        "orgs",
        database_url=database_url,
        sessions=sessions,
        nats_url=f"nats://127.0.0.1:{parts['nats']['port']}",
        nats_user="orgs",
        nats_password=secrets["nats"]["orgs"],
        worker=False,
    )
    url = f"http://127.0.0.1:{parts['authz']['port']}/v1/authz-resource-access"
    async with waking, aiohttp.ClientSession() as http:
        probe = Probe(http, url, sign_in(made))
        metrics = f"http://127.0.0.1:{parts['authz']['port']}/metrics"
        before = await below(http, metrics)
        await run(sessions, probe)
        counts = {bound: count - before[bound] for bound, count in (await below(http, metrics)).items()}
    await bind.dispose()
    enough = 0.99 * max(counts.values())
    return sorted(probe.took), min(bound for bound, count in counts.items() if count >= enough)


async def measure() -> list[Figure]:
    """The 99th percentiles; that of the stream's part is the upper bound of its bucket."""
    with platform() as made:
        delays, visible = await measure_on(made)
    worst = 1000 * delays[int(0.99 * (len(delays) - 1))]
    against = f"{EVENTS_A_SECOND} events a second; median {1000 * delays[len(delays) // 2]:.0f} ms"
    return [
        Figure("commit to applied in authz's index, p99", worst, "ms", "at most", 100, against),
        Figure("on the stream to applied, p99", 1000 * visible, "ms", "at most", 20, "the stream's own clock"),
    ]
