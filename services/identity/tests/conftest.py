"""The suite's worlds: one rolled back after each test, one that commits for races."""

from collections.abc import AsyncIterator

import msgspec
import pytest
import pytest_asyncio
from aiohttp import web
from identity.settings import Settings
from identity_world import SETTINGS, Orgs, World, make_app
from own_provider import own_provider  # noqa: F401 a fixture
from saml_world import clinic, keys, other_keys  # noqa: F401 fixtures
from testkit.fixtures import service_fixtures
from upstreams import federation, name_server, upstream  # noqa: F401 fixtures

database, app, client, session, outbox, live = service_fixtures("identity", make_app, Settings, **SETTINGS)


@pytest_asyncio.fixture(scope="session")
async def orgs_url() -> AsyncIterator[tuple[str, Orgs]]:
    made = Orgs()
    runner = web.AppRunner(made.application())
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    yield f"http://127.0.0.1:{site._server.sockets[0].getsockname()[1]}", made
    await runner.cleanup()


def point(app, url: str) -> None:
    """Let an application ask the stand-in."""
    runtime = app.state.runtime
    runtime.settings = msgspec.structs.replace(runtime.settings, orgs_url=url)


@pytest.fixture
def world(client, orgs_url) -> World:
    url, orgs = orgs_url
    point(client.app, url)
    return World(client, orgs)


@pytest.fixture
def live_world(live, orgs_url) -> World:
    url, orgs = orgs_url
    point(live.app, url)
    return World(live, orgs)
