"""The authorization code: what it gives, to whom, and how often."""

from uuid import uuid4

import pytest
from identity_world import World
from openid_world import (
    CALLBACK,
    Browser,
    authlib,
    claims,
    coded,
    exchange,
    lives,
    person,
    pkce,
    redeem,
    registered,
    request_of,
    tokens,
    told,
    userinfo,
)
from testkit.races import race


async def test_with_authlibs_client(world: World) -> None:
    app, browser = await registered(world), await person(world)
    async with authlib(world, app) as client:
        proof = pkce()
        url, state = client.create_authorization_url(
            "http://muster.test/oauth2/authorize", nonce="n-1", code_verifier=proof.verifier
        )
        answer = await browser.through(await browser.follow(await browser.get(url)))
        assert told(answer)["iss"] == "http://muster.test"
        assert browser.seen == ["/oauth2/sign-in", "/oauth2/consent"]
        got = await client.fetch_token(
            "http://muster.test/oauth2/token",
            authorization_response=answer.headers["location"],
            state=state,
            code_verifier=proof.verifier,
        )
        said = (await client.get("http://muster.test/oauth2/userinfo")).json()
        assert (said["preferred_username"], said["email_verified"]) == (browser.username, True)
        again = await client.refresh_token("http://muster.test/oauth2/token", got["refresh_token"])
        assert again["refresh_token"] != got["refresh_token"]
    identity = await claims(world, got["id_token"])
    assert (identity["aud"], identity["nonce"], identity["acr"], identity["amr"]) == (
        app.client_id,
        "n-1",
        "aal1",
        ["pwd"],
    )
    assert {"at_hash", "auth_time", "sid", "sub"} <= set(identity)
    assert "email" not in identity
    access = await claims(world, got["access_token"])
    assert (access["aud"], access["client_id"], access["org"]) == ("muster", app.client_id, str(app.organization_id))
    assert set(access["scope"].split()) == {"openid", "profile", "email", "offline_access"}


async def test_a_code_counts_once_and_a_replay_ends_what_it_gave(world: World) -> None:
    app, browser = await registered(world), await person(world)
    code = await coded(world, app, browser)
    first = (await redeem(world, app, code)).json()
    assert await lives(world, first["access_token"])
    replayed = await redeem(world, app, code)
    assert (replayed.status_code, replayed.json()["error"]) == (400, "invalid_grant")
    assert not await lives(world, first["access_token"])
    refreshed = await exchange(world, app, grant_type="refresh_token", refresh_token=first["refresh_token"])
    assert refreshed.json()["error"] == "invalid_grant"


async def test_many_at_once_get_tokens_once(live_world: World) -> None:
    app, browser = await registered(live_world), await person(live_world)
    code = await coded(live_world, app, browser)
    answers = await race(lambda _: redeem(live_world, app, code), 8)
    good = [answer for answer in answers if answer.status_code == 200]
    assert len(good) == 1
    assert {answer.json()["error"] for answer in answers if answer.status_code != 200} == {"invalid_grant"}


async def test_codes_and_verifiers_do_not_change_hands(world: World) -> None:
    mine, browser = await registered(world), await person(world)
    other = await registered(world, mine.admin)
    code = await coded(world, mine, browser)
    stolen = await redeem(world, other, code)
    assert stolen.json()["error"] == "invalid_grant"
    assert (await redeem(world, mine, code)).status_code == 200
    first, second = pkce(), pkce()
    sent = {"code_challenge_method": "S256"}
    one = await coded(world, mine, browser, code_challenge=first.challenge, **sent)
    two = await coded(world, mine, browser, code_challenge=second.challenge, **sent)
    assert (await redeem(world, mine, one, code_verifier=second.verifier)).json()["error"] == "invalid_grant"
    assert (await redeem(world, mine, one, code_verifier=first.verifier)).json()["error"] == "invalid_grant"
    assert (await redeem(world, mine, two, code_verifier=second.verifier)).status_code == 200
    bare = await coded(world, mine, browser)
    assert (await redeem(world, mine, bare, code_verifier=first.verifier)).json()["error"] == "invalid_request"


async def test_the_address_comes_again_with_the_code(world: World) -> None:
    app, browser = await registered(world, redirect_uris=[CALLBACK, f"{CALLBACK}2"]), await person(world)
    code = await coded(world, app, browser)
    other = await redeem(world, app, code, redirect_uri=f"{CALLBACK}2")
    assert other.json()["error"] == "invalid_grant"


async def test_a_public_client_uses_pkce(world: World) -> None:
    app = await registered(
        world,
        application_type="native",
        token_endpoint_auth_method="none",
        redirect_uris=["http://127.0.0.1/cb", "org.example.app:/cb"],
    )
    browser, proof = await person(world), pkce()
    assert app.secret is None
    without = told(await browser.visit(request_of(app, redirect_uri="http://127.0.0.1:4711/cb")))
    assert without["error"] == "invalid_request"
    plain = {"code_challenge": proof.verifier, "code_challenge_method": "plain"}
    refused = told(await browser.visit(request_of(app, redirect_uri="http://127.0.0.1:4711/cb", **plain)))
    assert refused["error"] == "invalid_request"
    sent = {"code_challenge": proof.challenge, "code_challenge_method": "S256"}
    code = await coded(world, app, browser, redirect_uri="http://127.0.0.1:4711/cb", **sent)
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": "http://127.0.0.1:4711/cb"}
    answer = await world.client.post(
        "/oauth2/token", data={**form, "client_id": app.client_id, "code_verifier": proof.verifier}
    )
    assert answer.status_code == 200, answer.text


async def test_what_signs_out_meanwhile_gets_nothing(world: World) -> None:
    app, browser = await registered(world), await person(world)
    code = await coded(world, app, browser)
    await world.rows("UPDATE users SET sessions_ended_at = clock_timestamp() WHERE username = :n", n=browser.username)
    answer = await redeem(world, app, code)
    assert answer.json()["error"] == "invalid_grant"


async def test_who_does_not_belong_to_the_organization(world: World) -> None:
    app = await registered(world, organization_id=uuid4())
    answer = told(await (browser := await person(world)).through(await browser.visit(request_of(app))))
    assert answer["error"] == "access_denied"


async def test_tokens_open_no_more_than_their_scopes(world: World) -> None:
    app = await registered(world)
    got = await tokens(world, app)
    me = world.bearer(got["access_token"])
    refused = await me.get("/v1/sessions/")
    assert refused.status_code == 403
    assert (await me.get("/oauth2/userinfo")).status_code == 200
    for token in (got["id_token"], got["refresh_token"], "e30.e30.e30"):
        assert (await userinfo(world, token)).status_code == 401
    old = await world.refresh(got["refresh_token"])
    assert old.status_code == 401
    assert await lives(world, got["access_token"])


@pytest.mark.parametrize(
    "form", [{"grant_type": "password"}, {"grant_type": 'x"y'}, {}], ids=["password", "odd", "none"]
)
async def test_other_grants(world: World, form: dict[str, str]) -> None:
    answer = await exchange(world, await registered(world), **form)
    assert answer.status_code == 400
    assert answer.json()["error"] in {"unsupported_grant_type", "invalid_request"}


async def test_a_browser_keeps_its_sign_in_and_consent(world: World) -> None:
    app, browser = await registered(world), await person(world)
    await tokens(world, app, browser)
    seen = len(browser.seen)
    assert "code" in told(await browser.visit(request_of(app)))
    assert browser.seen[seen:] == []
    assert told(await Browser(world).visit(request_of(app, prompt="none")))["error"] == "login_required"
