"""Two made-up services over real servers: a shop that publishes and a mail service that reads."""

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest
from contracts.event import REGISTRY, Event, event, key
from messaging import Consumers, ConsumerSettings, Messaging, Meta, migrations, publish
from messaging.audit import Report, audit
from nats.aio.client import Client
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine

ORDER = UUID("0190f6a8-0000-7000-8000-000000000001")
"""The aggregate of a process that publishes by itself."""
EFFECTS = """
CREATE TABLE effects (id bigint GENERATED ALWAYS AS IDENTITY, event_id uuid, aggregate_id text, number int)
"""
SETTINGS = ConsumerSettings(ack_wait=1.5, retry_delays=(0.05, 0.1), max_deliver=3, gap_delays=(0.05, 0.1))


@event("shop", "order", "placed")
class OrderPlaced(Event, frozen=True, kw_only=True):
    order_id: UUID
    organization_id: UUID | None = None
    number: int = 0


@event("shop", "order", "noted")
class OrderNoted(Event, frozen=True, kw_only=True):
    order_id: UUID
    number: int = 0


@event("shop", "basket", "filled")
class BasketFilled(Event, frozen=True, kw_only=True):
    basket_id: UUID
    number: int = 0


TEST_EVENTS = {key(kind): kind for kind in (OrderPlaced, OrderNoted, BasketFilled)}
for _name in TEST_EVENTS:  # other suites read the registry, too: conftest puts them in for one test
    del REGISTRY[_name]


async def make_database(postgres_url: str) -> str:
    name = f"t_{uuid4().hex[:12]}"
    admin = await asyncpg.connect(postgres_url)
    await admin.execute(f"CREATE DATABASE {name}")
    await admin.close()
    url = f"{postgres_url.rpartition('/')[0]}/{name}"
    engine = create_async_engine(url.replace("postgresql://", "postgresql+asyncpg://"))
    async with engine.begin() as connection:
        await connection.run_sync(migrations.create)
        await connection.execute(text(EFFECTS))
    await engine.dispose()
    return url


@dataclass
class Place:
    """One service's database, with what tests do to it."""

    url: str
    sessions: async_sessionmaker[AsyncSession]

    async def publish(self, *events: Event) -> list[UUID]:
        async with self.sessions.begin() as session:
            return [await publish(session, one) for one in events]

    async def all(self, query: str, **values: Any) -> list[Any]:
        async with self.sessions() as session:
            return list((await session.execute(text(query), values)).all())

    async def run(self, query: str, **values: Any) -> None:
        async with self.sessions.begin() as session:
            await session.execute(text(query), values)

    async def effects(self) -> list[int]:
        return [row.number for row in await self.all("SELECT number FROM effects ORDER BY id")]

    async def has(self, count: int) -> bool:
        return len(await self.effects()) >= count


async def record(session: AsyncSession, one: Any, meta: Meta) -> None:
    """The handler of most tests: one row an event."""
    values = {"event_id": meta.event_id, "aggregate_id": one.aggregate_id, "number": one.number}
    await session.execute(
        text("INSERT INTO effects (event_id, aggregate_id, number) VALUES (:event_id, :aggregate_id, :number)"), values
    )


TABLE: Consumers = {OrderPlaced: record, BasketFilled: record}


@dataclass
class World:
    """A shop that publishes and a mail service that reads, over a NATS server with no streams at the start."""

    shop: Place
    mail: Place
    nats_url: str
    client: Client
    stack: AsyncExitStack

    async def start_shop(self, **options: Any) -> Messaging:
        return await self.start("shop", self.shop, **options)

    async def start_mail(self, table: Consumers | None = None, **options: Any) -> Messaging:
        return await self.start("mail", self.mail, consumers=TABLE if table is None else table, **options)

    async def spawn(self, service: str, failpoint: str = "", events: int = 0) -> asyncio.subprocess.Process:
        """A service as a process of its own, which publishes so many events, each in a transaction."""
        place = self.shop if service == "shop" else self.mail
        script = str(Path(__file__).parent / "service_process.py")
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, script, service, place.url, self.nats_url, str(events)),
            env={**os.environ, "MUSTER_FAILPOINT": failpoint},
        )
        self.stack.push_async_callback(_end, process)
        return process

    async def report(self, settle: float = 10.0) -> Report:
        """What the auditor says of both services."""
        return await audit({"shop": self.shop.url, "mail": self.mail.url}, self.nats_url, settle=settle)

    async def start(self, service: str, place: Place, **options: Any) -> Messaging:
        options = {"settings": SETTINGS, "nats_url": self.nats_url, **options}
        made = Messaging(service, database_url=place.url, sessions=place.sessions, **options)
        return await self.stack.enter_async_context(made)


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        process.kill()
    await process.wait()


async def eventually(check: Callable[[], Awaitable[Any]], seconds: float = 60.0) -> Any:
    """Wait until `check` gives something true and return it."""
    result = None
    try:
        async with asyncio.timeout(seconds):
            while not (result := await check()):
                await asyncio.sleep(0.02)
    except TimeoutError:
        pytest.fail(f"still {result!r} after {seconds} s")
    return result


async def make_place(postgres_url: str, stack: AsyncExitStack) -> Place:
    url = await make_database(postgres_url)
    engine = create_async_engine(url.replace("postgresql://", "postgresql+asyncpg://"), pool_size=12)
    stack.push_async_callback(engine.dispose)
    return Place(url, async_sessionmaker(engine, expire_on_commit=False))
