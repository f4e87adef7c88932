"""A service without a gateway: keys are turned into tokens by asking identity, and held against the feed."""

import os
from collections.abc import AsyncIterator
from uuid import UUID, uuid4

import msgspec
import pytest
from aiohttp import web
from chassis.api_keys import ApiKeys, well_formed, written
from contracts.identity import ApiKeyRevoked
from litestar import Litestar
from testkit.client import Client
from testkit.principals import access_token, key_token
from testkit.servers import free_port

PATH = "/v1/things"


class Identity:
    """identity, as far as keys go."""

    def __init__(self) -> None:
        self.key = written(os.urandom(32))
        self.token = key_token(organization_id=uuid4(), scopes=("thing:read",), user_id=uuid4(), roles=["org.member"])
        self.asked: list[str] = []
        self.status = 201

    async def authenticate(self, request: web.Request) -> web.Response:
        assert await request.json() == {"edge-request": True}
        self.asked.append(request.headers["x-api-key"])
        known = request.headers["x-api-key"] == self.key
        return web.json_response({"data": {"internal-token": self.token}}, status=self.status if known else 401)


@pytest.fixture
async def identity(app: Litestar) -> AsyncIterator[Identity]:
    made, application = Identity(), web.Application()
    application.router.add_post("/v1/authenticate", made.authenticate)
    runner, port = web.AppRunner(application), free_port()
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    runtime = app.state.runtime
    before = runtime.settings
    runtime.settings = msgspec.structs.replace(before, identity_url=f"http://127.0.0.1:{port}")
    runtime.api_keys = ApiKeys(runtime)
    yield made
    runtime.settings = before
    await runner.cleanup()


async def test_a_key_is_asked_about_once(client: Client, identity: Identity) -> None:
    for headers in ({"x-api-key": identity.key}, {"authorization": f"Bearer {identity.key}"}):
        assert (await client.get(PATH, headers=headers)).status_code == 200
    assert identity.asked == [identity.key]
    answer = await client.post(PATH, json={"first-name": "a"}, headers={"x-api-key": identity.key})
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (403, "insufficient-scope")


async def test_what_is_no_key_asks_nobody(client: Client, identity: Identity) -> None:
    for key in ("", "x", identity.key[:-1], identity.key.replace("mst_live_", "mst_test_"), identity.key.upper()):
        assert (await client.get(PATH, headers={"x-api-key": key})).status_code == 401, key
    assert identity.asked == []
    assert (await client.get(PATH, headers={"x-api-key": written(os.urandom(32))})).status_code == 401
    assert len(identity.asked) == 1


async def test_a_key_that_was_revoked(app: Litestar, client: Client, identity: Identity) -> None:
    headers = {"x-api-key": identity.key}
    assert (await client.get(PATH, headers=headers)).status_code == 200
    principal = await app.state.runtime.verifier.verify(identity.token)
    revoked = ApiKeyRevoked(api_key_id=principal.key_id, organization_id=uuid4(), user_id=UUID(principal.subject))
    app.state.runtime.revocations.apply(revoked)
    answer = await client.get(PATH, headers=headers)
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (401, "invalid-credential")


async def test_while_identity_does_not_answer(client: Client, identity: Identity) -> None:
    identity.status = 500
    assert (await client.get(PATH, headers={"x-api-key": identity.key})).status_code == 503


async def test_a_key_goes_before_a_token_and_the_gateways_word_before_both(client: Client, identity: Identity) -> None:
    person = f"Bearer {access_token()}"
    both = {"x-api-key": identity.key, "authorization": person}
    assert (await client.post(PATH, json={"first-name": "a"}, headers=both)).status_code == 403
    told = {**both, "x-muster-principal": access_token()}
    assert (await client.post(PATH, json={"first-name": "a"}, headers=told)).status_code == 201


@pytest.mark.parametrize(
    ("endpoint", "status"),
    [
        ("sample GET /v1/things", 200),
        ("sample GET /v1/things/", 403),
        ("sample POST /v1/things", 403),
        ("orgs GET /v1/things", 403),
        ("GET /v1/things", 403),
        ("sample GET /v1", 403),
    ],
)
async def test_a_token_for_one_operation(client: Client, endpoint: str, status: int) -> None:
    bearer = client.as_(endpoint=endpoint)
    assert (await bearer.get(PATH)).status_code == status
    assert (await bearer.get(f"{PATH}/")).status_code == status
    assert (await bearer.get(f"{PATH}/{uuid4()}")).status_code == 403, "nor what is public"


def test_what_a_key_looks_like() -> None:
    key = written(bytes(32))
    assert well_formed(key)
    for other in (key[:20] + "x" + key[21:], key + "=", key[:-6], "é" * len(key), " " + key[1:]):
        assert not well_formed(other)
