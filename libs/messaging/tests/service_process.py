"""One service as a process of its own, to be killed: `service_process.py shop <database> <nats> <events>`."""

import asyncio
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from contracts.event import REGISTRY
from messaging import Messaging, publish
from shop_world import ORDER, SETTINGS, TABLE, TEST_EVENTS, OrderPlaced
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine


async def main(service: str, database_url: str, nats_url: str, events: str) -> None:
    REGISTRY.update(TEST_EVENTS)
    engine = create_async_engine(database_url.replace("postgresql://", "postgresql+asyncpg://"))
    sessions = async_sessionmaker(engine, expire_on_commit=False)
    table = TABLE if service == "mail" else None
    async with Messaging(
        service, database_url=database_url, sessions=sessions, nats_url=nats_url, consumers=table, settings=SETTINGS
    ):
        for number in range(int(events)):
            async with sessions.begin() as session:
                await publish(session, OrderPlaced(order_id=ORDER, number=number))
        await asyncio.Event().wait()


asyncio.run(main(*sys.argv[1:]))
