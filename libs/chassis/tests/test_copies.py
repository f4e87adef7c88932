"""Telling identity of a copy: once, and never in the way."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import msgspec
import pytest_asyncio
from aiohttp import web
from chassis.copies import note_copy
from chassis.runtime import Runtime
from testkit.client import Client


class Told:
    def __init__(self) -> None:
        self.bodies: list[Any] = []
        self.status = 201

    async def take(self, request: web.Request) -> web.Response:
        self.bodies.append(await request.json())
        return web.json_response({}, status=self.status)

    async def token(self, _: web.Request) -> web.Response:
        return web.json_response({"access-token": "internal", "expires-in": 600}, status=201)


@pytest_asyncio.fixture
async def told(client: Client) -> AsyncIterator[Told]:
    made, application = Told(), web.Application()
    application.router.add_post("/v1/user-replications/", made.take)
    application.router.add_post("/v1/internal-auth", made.token)
    runner = web.AppRunner(application)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    runtime: Runtime = client.app.state.runtime
    before = runtime.settings
    url = f"http://127.0.0.1:{site._server.sockets[0].getsockname()[1]}"
    runtime.settings = msgspec.structs.replace(before, identity_url=url)
    yield made
    runtime.settings = before
    await runner.cleanup()


async def test_it_is_said_until_it_was_heard_and_then_no_more(client: Client, told: Told) -> None:
    runtime: Runtime = client.app.state.runtime
    user = uuid4()
    told.status = 503
    await note_copy(runtime, user)
    told.status = 201
    for _ in range(3):
        await note_copy(runtime, user)
    attributes = {"user-id": str(user), "service": runtime.name}
    assert told.bodies == [{"data": {"type": "user-replications", "attributes": attributes}}] * 2
    runtime.settings = msgspec.structs.replace(runtime.settings, identity_url="http://127.0.0.1:9")
    await note_copy(runtime, uuid4())
