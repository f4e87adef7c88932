"""What authz reads of identity, over HTTP: its own token, users by id and by e-mail."""

from contextlib import asynccontextmanager
from uuid import UUID

import msgspec
from aiohttp import web


@asynccontextmanager
async def directory(runtime):
    """Serve `{user id: e-mail}` for as long as the block lasts; the runtime asks there."""
    people: dict[UUID, str] = {}

    def resource(user):
        return {"id": str(user), "type": "users", "attributes": {"email": people[user]}}

    async def token(_):
        return web.json_response({"access-token": "token", "expires-in": 3600}, status=201)

    async def one(request):
        user = UUID(request.match_info["user"])
        return web.json_response({"data": resource(user)}) if user in people else web.json_response({}, status=404)

    async def many(request):
        email = request.query["filter[email]"]
        if request.query.get("filter[email-verified]") != "true":
            return web.json_response({"errors": ["anybody may claim an address"]}, status=400)
        return web.json_response({"data": [resource(user) for user, known in people.items() if known == email]})

    served = web.Application()
    served.add_routes(
        [web.post("/v1/internal-auth", token), web.get("/v1/users/{user}/", one), web.get("/v1/users/", many)]
    )
    runner = web.AppRunner(served)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0]
    before = runtime.settings
    runtime.settings = msgspec.structs.replace(before, identity_url=f"http://{host}:{port}")
    try:
        yield people
    finally:
        runtime.settings = before
        await runner.cleanup()
