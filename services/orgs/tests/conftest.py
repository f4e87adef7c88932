"""The suite's worlds: one rolled back after each test, one that commits for races."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from uuid import uuid4

import msgspec
import pytest
import pytest_asyncio
from aiohttp import web
from messaging import Meta
from orgs import consumers
from orgs.main import create_app
from orgs.settings import Settings
from orgs_world import Neighbours, World
from testkit.fixtures import service_fixtures

database, app, client, session, outbox, live = service_fixtures("orgs", create_app, Settings)


@pytest_asyncio.fixture(scope="session")
async def neighbours(app) -> AsyncIterator[Neighbours]:
    made = Neighbours()
    runner = web.AppRunner(made.application())
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    made.url = f"http://127.0.0.1:{site._server.sockets[0].getsockname()[1]}"
    point(app, made)
    yield made
    await runner.cleanup()


def point(app, neighbours: Neighbours) -> None:
    """Let an application ask the stand-ins."""
    runtime = app.state.runtime
    changed = {"identity_url": neighbours.url, "authz_url": neighbours.url}
    runtime.settings = msgspec.structs.replace(runtime.settings, **changed)


@pytest.fixture
def world(client, neighbours) -> World:
    return World(client, neighbours)


@pytest.fixture
def live_world(live, neighbours) -> World:
    point(live.app, neighbours)
    return World(live, neighbours)


META = Meta(
    event_id=uuid4(),
    occurred_at=datetime.now(UTC),
    aggregate_version=1,
    stream="EVT_IDENTITY",
    sequence=1,
    tenant_id=None,
    traceparent=None,
)


@pytest.fixture
def hear(app, session, neighbours):
    """Lets the service handle an event in a transaction of its own."""

    async def handle(event) -> None:
        runtime = app.state.runtime
        async with runtime.sessions.begin() as opened:
            await consumers.table(runtime)[type(event)](opened, event, META)

    return handle
