"""Real servers, and a database a test with messaging's tables."""

from collections.abc import AsyncGenerator, Generator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from contracts.event import REGISTRY
from messaging import connect
from shop_world import TEST_EVENTS, World, make_place
from testkit import servers


@pytest.fixture(autouse=True)
def only_test_events(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, kind in TEST_EVENTS.items():
        monkeypatch.setitem(REGISTRY, name, kind)


@pytest.fixture(scope="session")
def server_root(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Path:
    base = tmp_path_factory.getbasetemp()
    return (base.parent if hasattr(request.config, "workerinput") else base) / "messaging-servers"


@pytest.fixture(scope="session")
def postgres_url(server_root: Path) -> Generator[str]:
    with servers.shared(server_root, "postgres", servers.postgres) as url:
        yield url


@pytest.fixture(scope="session")
def nats_url(tmp_path_factory: pytest.TempPathFactory) -> Generator[str]:
    """One a worker: tests remove every stream."""
    server = servers.nats(tmp_path_factory.mktemp("nats"))
    yield server.url
    server.stop()


@pytest.fixture
async def stack() -> AsyncGenerator[AsyncExitStack]:
    async with AsyncExitStack() as made:
        yield made


@pytest.fixture
async def world(postgres_url: str, nats_url: str, stack: AsyncExitStack) -> World:
    shop, mail = await make_place(postgres_url, stack), await make_place(postgres_url, stack)
    client = await connect(nats_url, name="test")
    stack.push_async_callback(client.close)
    for stream in await client.jetstream().streams_info():
        await client.jetstream().delete_stream(stream.config.name or "")
    return World(shop, mail, nats_url, client, stack)
