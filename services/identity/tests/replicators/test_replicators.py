"""Who copies identity's events, asked of a real server."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest_asyncio
from contracts.identity import UserConfirmed
from identity_world import World
from messaging.connection import connect
from messaging.durables import ConsumerSettings, ensure_durable
from messaging.service import Messaging
from testkit import servers

PATH = "/v1/replicators/"


@pytest_asyncio.fixture
async def connected(world: World, tmp_path: Path) -> AsyncIterator[str]:
    """The application with a server that knows of two readers."""
    server = await asyncio.to_thread(servers.nats, tmp_path)
    runtime = world.runtime
    url = runtime.settings.database_url
    made = Messaging("identity", database_url=url, sessions=runtime.sessions, nats_url=server.url, worker=False)
    runtime.messaging = made
    async with made:
        yield server.url
    del runtime.messaging
    server.stop()


async def test_the_durable_consumers_of_its_stream(world: World, connected: str) -> None:
    operator = world.client.as_operator()
    assert (await operator.get(PATH)).status_code == 503  # there is no stream yet
    client = await connect(connected)
    await client.jetstream().add_stream(name="EVT_IDENTITY", subjects=["evt.identity.>"])
    for name in ("orgs", "artifacts"):
        await ensure_durable(client, "identity", name, [UserConfirmed.aggregate], ConsumerSettings())
    await client.jetstream().subscribe("evt.identity.>", ordered_consumer=True)  # goes away with who reads it

    body = (await operator.get(PATH)).json()
    assert [row["attributes"]["classpath"] for row in body["data"]] == ["artifacts", "orgs"]
    assert body["meta"]["page[total]"] == 2
    one = body["data"][0]
    made = datetime.fromisoformat(one["attributes"]["created-time"])
    assert abs(datetime.now(UTC) - made) < timedelta(minutes=1)
    assert one["attributes"]["last-poll-time"] is None
    assert (await operator.get(f"{PATH}{one['id']}/")).json()["data"] == one

    reader = await client.jetstream().pull_subscribe_bind("artifacts", "EVT_IDENTITY")
    waiting = asyncio.create_task(reader.fetch(1, timeout=5))
    await asyncio.sleep(0.2)
    polled = (await operator.get(f"{PATH}{one['id']}/")).json()["data"]["attributes"]["last-poll-time"]
    assert abs(datetime.now(UTC) - datetime.fromisoformat(polled)) < timedelta(minutes=1)
    waiting.cancel()
    paged = (await operator.get(PATH, params={"page[limit]": 1, "page[offset]": 1})).json()
    assert [row["attributes"]["classpath"] for row in paged["data"]] == ["orgs"]
    assert (await operator.get(f"{PATH}{uuid4()}/")).status_code == 404
    await client.close()
