"""orgs' list of individuals, served over HTTP."""

from contextlib import asynccontextmanager

import msgspec
import pytest_asyncio
from aiohttp import web

NOBODY = {
    "first-name": None,
    "last-name": None,
    "birth-date": None,
    "email": None,
    "phone": None,
    "email-verified": False,
    "phone-verified": False,
    "registered": False,
    "account-type": "patient",
}


@asynccontextmanager
async def served(runtime, known):
    """Serve `{individual id: attributes}`; what a test puts into `known` as `before` runs before each answer."""

    async def token(_):
        return web.json_response({"access-token": "token", "expires-in": 3600}, status=201)

    async def individuals(request):
        if (before := known.get("before")) is not None:
            await before()
        asked = request.query.getall("ids")
        assert int(request.query["page[limit]"]) >= len(asked)
        found = [{"id": one, "type": "individuals", "attributes": NOBODY | known[one]} for one in asked if one in known]
        return web.json_response({"data": found, "meta": {}})

    application = web.Application()
    application.add_routes([web.post("/v1/internal-auth", token), web.get("/v1/individuals/", individuals)])
    runner = web.AppRunner(application)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0]
    before, url = runtime.settings, f"http://{host}:{port}"
    runtime.settings = msgspec.structs.replace(before, identity_url=url, orgs_url=url)
    try:
        yield known
    finally:
        runtime.settings = before
        await runner.cleanup()


@pytest_asyncio.fixture
async def orgs_knows(app):
    """What orgs knows of individuals: id -> attributes."""
    async with served(app.state.runtime, {}) as known:
        yield known
