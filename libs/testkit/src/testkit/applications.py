"""Running an application's lifespan around tests."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from litestar import Litestar


@asynccontextmanager
async def started(app: Litestar) -> AsyncIterator[Litestar]:
    """Start the application and stop it at the end.

    The lifespan runs in one task of its own: a fixture is set up and torn down in two, and the framework's
    cancel scopes may not be left in another task than they were entered in.
    """
    ready, ending = asyncio.Event(), asyncio.Event()

    async def live() -> None:
        async with app.lifespan():
            ready.set()
            await ending.wait()

    task = asyncio.create_task(live())
    waiting = asyncio.create_task(ready.wait())
    await asyncio.wait({task, waiting}, return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
    if task.done():
        await task
    try:
        yield app
    finally:
        ending.set()
        await task
