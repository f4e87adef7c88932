"""A client's own server, as far as the provider calls it: its keys, and where it hears of logouts."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import msgspec
from aiohttp import web
from chassis import outside
from identity_world import Json, World

NEAR = "127.0.0.0/8"


class Server:
    """What is asked of it and what it answers."""

    def __init__(self) -> None:
        self.url = ""
        self.keys: Json = {"keys": []}
        self.asked = self.led_away = 0
        self.logouts: list[Any] = []
        self.status = 200

    async def show_keys(self, _: web.Request) -> web.Response:
        self.asked += 1
        return web.json_response(self.keys)

    async def hear(self, request: web.Request) -> web.Response:
        self.logouts.append((await request.post())["logout_token"])
        return web.Response(status=self.status)

    async def lead_away(self, _: web.Request) -> web.Response:
        self.led_away += 1
        raise web.HTTPFound(f"{self.url}/keys")


@asynccontextmanager
async def serving(world: World) -> AsyncIterator[Server]:
    """A server on this machine, which identity may reach as long as the block runs."""
    made, app = Server(), web.Application()
    app.router.add_get("/keys", made.show_keys)
    app.router.add_get("/away", made.lead_away)
    app.router.add_post("/logout", made.hear)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    made.url = f"http://127.0.0.1:{site._server.sockets[0].getsockname()[1]}"
    runtime = world.runtime
    before = runtime.settings, runtime.outside
    runtime.settings = msgspec.structs.replace(runtime.settings, outside_allowed=NEAR)
    try:
        async with outside.session(outside.allowed(NEAR)) as runtime.outside:
            yield made
    finally:
        runtime.settings, runtime.outside = before
        await runner.cleanup()
