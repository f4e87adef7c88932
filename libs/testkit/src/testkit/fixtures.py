"""The fixtures of a service's suite.

    database, app, client, session, outbox, live = service_fixtures("orgs", create_app, Settings)

in its conftest.py. Every test runs in one transaction that is rolled back; requests join it through savepoints.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import pytest
import pytest_asyncio
from chassis.revocations import Revocations
from contracts import REGISTRY, Event
from database import Record
from litestar import Litestar
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from testkit import databases, principals
from testkit.applications import started
from testkit.client import Client

Outbox = Callable[[], Awaitable[list[Event]]]


class Fixtures(NamedTuple):
    """One service's fixtures, to be bound to module names of a conftest.py."""

    database: Any
    app: Any
    client: Any
    session: Any
    outbox: Any
    live: Any


class Joined:
    """What `database.Rows` answers, within a test's transaction."""

    def __init__(self, driver: Any) -> None:
        """`driver` is asyncpg's connection."""
        self.driver = driver

    async def __call__(self, statement: str, *values: Any) -> Any:
        """The first row."""
        return await self.driver.fetchrow(statement, *values)

    async def all(self, statement: str, *values: Any) -> list[Any]:
        """All rows."""
        return await self.driver.fetch(statement, *values, record_class=Record)


def service_fixtures(
    service: str, create_app: Callable[..., Litestar], settings: type[msgspec.Struct], **overrides: Any
) -> Fixtures:
    """`overrides` are fields of the service's settings that its tests need."""

    def made(url: str, folder: Path) -> Litestar:
        standing = {"database_url": url, "nats_url": "nats://not-used", "objects_url": f"file:{folder}/objects"}
        values = {**standing, "public_url": principals.ISSUER, **overrides}
        return create_app(
            msgspec.convert(values, settings),
            verifier=principals.verifier(),
            revocations=Revocations(),
            connected=False,
        )

    @pytest.fixture(scope="session")
    def database(postgres_url: str, run_folder: Path) -> Iterator[str]:
        with databases.cloned(postgres_url, run_folder, service) as url:
            yield url

    @pytest_asyncio.fixture(scope="session")
    async def application(database: str, run_folder: Path) -> AsyncIterator[Litestar]:
        app = made(database, run_folder)
        async with started(app):
            yield app

    @pytest_asyncio.fixture
    async def session(app: Litestar) -> AsyncIterator[AsyncSession]:
        runtime = app.state.runtime
        before = runtime.sessions, runtime.reads, runtime.row
        async with runtime.engine.connect() as connection:
            transaction = await connection.begin()
            await connection.execute(text("SELECT 1"))  # the driver begins only now; what it is asked directly joins
            maker = async_sessionmaker(connection, expire_on_commit=False, join_transaction_mode="create_savepoint")
            runtime.sessions = runtime.reads = maker
            driver: Any = (await connection.get_raw_connection()).driver_connection
            runtime.row = Joined(driver)
            async with maker() as opened:
                yield opened
            runtime.sessions, runtime.reads, runtime.row = before
            await transaction.rollback()

    @pytest_asyncio.fixture
    async def client(app: Litestar, session: AsyncSession) -> AsyncIterator[Client]:
        _ = session
        async with Client(app) as opened:
            yield opened

    @pytest.fixture
    def outbox(session: AsyncSession) -> Outbox:
        async def published() -> list[Event]:
            rows = await session.execute(text("SELECT event_type, payload::text FROM outbox ORDER BY id"))
            return [msgspec.json.decode(payload, type=REGISTRY[kind]) for kind, payload in rows if kind in REGISTRY]

        return published

    @pytest_asyncio.fixture(scope="session")
    async def live(postgres_url: str, run_folder: Path) -> AsyncIterator[Client]:
        copy = databases.cloned(postgres_url, run_folder, service, "_live")
        app = made(await asyncio.to_thread(copy.__enter__), run_folder)
        async with started(app), Client(app) as opened:
            yield opened
        await asyncio.to_thread(copy.__exit__, None, None, None)

    return Fixtures(database, application, client, session, outbox, live)
