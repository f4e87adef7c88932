"""The whole service against a nats-server of its own, as it runs in production."""

import msgspec
import pytest
import pytest_asyncio
from authz.main import create_app
from authz.settings import Settings
from chassis.revocations import Revocations
from messaging import connect
from testkit import databases, principals, servers
from testkit.applications import started
from testkit.client import Client
from wire import Publisher


@pytest.fixture(scope="module")
def stream_server(tmp_path_factory):
    server = servers.nats(tmp_path_factory.mktemp("nats"))
    yield server
    server.stop()


@pytest.fixture(scope="module")
def stream_database(postgres_url, run_folder):
    with databases.cloned(postgres_url, run_folder, "authz", "_streams") as url:
        yield url


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def publisher(stream_server):
    nats = await connect(stream_server.url, name="test")
    made = Publisher(nats)
    await made.streams("identity", "orgs")
    yield made
    await nats.close()


@pytest.fixture(scope="module")
def make_app(stream_server, stream_database):
    def made(**more):
        values = {"database_url": stream_database, "nats_url": stream_server.url, "public_url": principals.ISSUER}
        return create_app(
            msgspec.convert(values | more, Settings), verifier=principals.verifier(), revocations=Revocations()
        )

    return made


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def service(make_app, publisher):
    async with started(make_app()) as app, Client(app) as client:
        yield client
