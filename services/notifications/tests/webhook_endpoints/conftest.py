"""A receiver of webhooks, and an organization that has none yet."""

from collections.abc import AsyncIterator

import msgspec
import pytest_asyncio
from aiohttp import web
from chassis import outside
from sqlalchemy import text
from webhook_world import Hooks, Receiver


@pytest_asyncio.fixture
async def receiver() -> AsyncIterator[Receiver]:
    made = Receiver()
    application = web.Application()
    application.router.add_route("*", "/{any:.*}", made.answer)
    runner = web.AppRunner(application, shutdown_timeout=0.05)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    made.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hooks?key=1"
    yield made
    await runner.cleanup()


@pytest_asyncio.fixture
async def hooks(live, neighbours, receiver) -> AsyncIterator[Hooks]:
    made = Hooks(live, neighbours, receiver)
    yield made
    async with made.runtime.sessions.begin() as session:
        await session.execute(text("DELETE FROM webhook_endpoints"))


@pytest_asyncio.fixture
async def strict(hooks) -> AsyncIterator[Hooks]:
    """The same where nothing but what is public may be reached."""
    runtime = hooks.runtime
    before = runtime.settings, runtime.outside
    runtime.settings = msgspec.structs.replace(runtime.settings, outside_allowed="")
    async with outside.session(outside.allowed("")) as runtime.outside:
        yield hooks
    runtime.settings, runtime.outside = before
