"""Keys turn under clients that hold tokens, and nothing secret stands in the logs."""

from collections.abc import Iterator

import pytest
import structlog
from chassis.logs import configure
from identity.parts import parts_of
from identity.signing_keys.commands import load_keys, rotate
from identity_world import World
from joserfc import jwt
from openid_world import (
    Browser,
    coded,
    exchange,
    keys,
    lives,
    person,
    pkce,
    redeem,
    registered,
    request_of,
    tokens,
    told,
)


@pytest.fixture
async def keys_as_before(world: World):
    """The keyring lives longer than the rolled-back rows."""
    ring = parts_of(world.runtime).keys
    kept = ring._current, ring.published
    yield
    ring._current, ring.published = kept
    await world.runtime.verifier.refresh()


@pytest.mark.usefixtures("keys_as_before")
async def test_tokens_of_the_key_before_count(world: World) -> None:
    app, browser = await registered(world), await person(world)
    before = await tokens(world, app, browser)
    async with world.runtime.sessions.begin() as session:
        signing = await rotate(session, parts_of(world.runtime).vault, at_once=True)
    await load_keys(world.runtime)
    await world.runtime.verifier.refresh()
    after = await tokens(world, app, browser)
    assert jwt.decode(after["id_token"], await keys(world), algorithms=["ES256"]).header["kid"] == signing
    assert jwt.decode(before["id_token"], await keys(world), algorithms=["ES256"]).header["kid"] != signing
    assert await lives(world, before["access_token"])
    assert await lives(world, after["access_token"])
    hinted = await browser.visit(request_of(app, id_token_hint=before["id_token"], prompt="none"))
    assert "code" in told(hinted)


@pytest.fixture
def logs(capsysbinary: pytest.CaptureFixture[bytes]) -> Iterator[pytest.CaptureFixture[bytes]]:
    before = structlog.get_config()
    configure("identity", "debug")
    structlog.configure(cache_logger_on_first_use=False)
    yield capsysbinary
    structlog.configure(**before)


async def test_nothing_secret_stands_in_the_logs(world: World, logs: pytest.CaptureFixture[bytes]) -> None:
    app, browser, proof = await registered(world), await person(world), pkce()
    sent = {"code_challenge": proof.challenge, "code_challenge_method": "S256", "login_hint": "planted-hint"}
    code = await coded(world, app, browser, state="planted-state", **sent)
    got = (await redeem(world, app, code, code_verifier=proof.verifier)).json()
    again = (await exchange(world, app, grant_type="refresh_token", refresh_token=got["refresh_token"])).json()
    await redeem(world, app, code, code_verifier=proof.verifier)
    await exchange(world, app, (app.client_id, "planted-secret"), grant_type="client_credentials")
    await world.client.post("/oauth2/introspect", data={"token": "planted-token"}, auth=app.basic)
    await Browser(world).get("/oauth2/end-session", params={"id_token_hint": "planted-token"})
    text = logs.readouterr().out.decode()
    assert text.count('"event":"request"') >= 10
    secrets = [browser.password, browser.username, code, proof.verifier, proof.challenge, "planted", str(app.secret)]
    secrets += [answer[name] for answer in (got, again) for name in ("access_token", "refresh_token", "id_token")]
    secrets += list(browser.cookies.values())
    assert [secret for secret in secrets if secret in text] == []
