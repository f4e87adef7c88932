"""Refresh tokens, machines, and what is asked about tokens."""

import base64
import hashlib
import hmac
import json
from typing import Any
from uuid import uuid4

import pytest
from identity.openid.asking import MOST_PARAMETERS
from identity_world import World
from joserfc import jwt
from machines import made_account, made_key
from openid_world import (
    App,
    authlib,
    claims,
    coded,
    exchange,
    keys,
    lives,
    person,
    redeem,
    registered,
    request_of,
    tokens,
    userinfo,
)
from testkit.races import race

MACHINE = {"grant_types": ["client_credentials"], "scopes": ["cohort:read", "person:read"]}


async def refreshed(world: World, app: App, token: str, **form: Any) -> Any:
    return await exchange(world, app, grant_type="refresh_token", refresh_token=token, **form)


async def asked_about(world: World, app: App, token: str, **form: Any) -> Any:
    return (await world.client.post("/oauth2/introspect", data={"token": token, **form}, auth=app.basic)).json()


async def test_refresh_tokens_are_replaced_and_reuse_ends_the_session(world: World) -> None:
    app = await registered(world)
    got = await tokens(world, app)
    chain = [got["refresh_token"]]
    for _ in range(3):
        answer = await refreshed(world, app, chain[-1])
        assert answer.status_code == 200, answer.text
        chain.append(answer.json()["refresh_token"])
    last = answer.json()
    assert len(set(chain)) == 4
    said = await claims(world, last["id_token"])
    assert "nonce" not in said
    assert said["auth_time"] == (await claims(world, got["id_token"]))["auth_time"]
    reused = await refreshed(world, app, chain[0])
    assert (reused.status_code, reused.json()["error"]) == (400, "invalid_grant")
    assert not await lives(world, last["access_token"])
    assert (await refreshed(world, app, chain[-1])).status_code == 400


async def test_refresh_tokens_do_not_change_hands(world: World) -> None:
    app = await registered(world)
    other = await registered(world, app.admin)
    got = await tokens(world, app)
    assert (await refreshed(world, other, got["refresh_token"])).json()["error"] == "invalid_grant"
    own = await world.signed_in()
    assert (await refreshed(world, app, own["refresh-token"])).json()["error"] == "invalid_grant"
    assert (await world.refresh(own["refresh-token"])).status_code == 201
    assert (await refreshed(world, app, got["refresh_token"])).status_code == 200


async def test_refreshing_at_once_gives_one_successor(live_world: World) -> None:
    app = await registered(live_world)
    got = await tokens(live_world, app)
    answers = await race(lambda _: refreshed(live_world, app, got["refresh_token"]), 4)
    assert len({answer.json()["refresh_token"] for answer in answers if answer.status_code == 200}) == 1


async def test_fewer_scopes(world: World) -> None:
    app = await registered(world)
    got = await tokens(world, app)
    less = (await refreshed(world, app, got["refresh_token"], scope="openid")).json()
    assert less["scope"] == "openid"
    assert set((await userinfo(world, less["access_token"])).json()) == {"sub"}
    more = await refreshed(world, app, less["refresh_token"], scope="openid cohort:read")
    assert more.json()["error"] == "invalid_scope"
    bare = await refreshed(world, app, less["refresh_token"], scope="email")
    assert "id_token" not in bare.json()


async def test_without_offline_access_it_ends_with_the_sign_in(world: World) -> None:
    app, browser = await registered(world), await person(world)
    online = await tokens(world, app, browser, scope="openid")
    offline = await tokens(world, app, browser)
    rows = await world.rows(
        "SELECT expires_at - created_at < interval '13 hours' AS short FROM sessions WHERE scopes IS NOT NULL"
    )
    assert sorted(row.short for row in rows) == [False, True]
    await browser.get("/oauth2/end-session", params={"id_token_hint": online["id_token"]})
    assert (await refreshed(world, app, online["refresh_token"])).status_code == 400
    assert (await refreshed(world, app, offline["refresh_token"])).status_code == 200


async def test_who_left_the_organization_gets_nothing(world: World) -> None:
    app, browser = await registered(world), await person(world)
    got = await tokens(world, app, browser)
    await world.rows("DELETE FROM user_organizations WHERE user_id = :id", id=await world.user_id(browser.username))
    assert (await refreshed(world, app, got["refresh_token"])).json()["error"] == "invalid_grant"
    assert not await lives(world, got["access_token"])


async def test_machines_with_authlibs_client(world: World) -> None:
    app = await registered(world, **MACHINE, redirect_uris=[])
    async with authlib(world, app, scope="cohort:read") as client:
        got = await client.fetch_token("http://muster.test/oauth2/token", grant_type="client_credentials")
    assert (got["scope"], "refresh_token" in got, "id_token" in got) == ("cohort:read", False, False)
    said = await claims(world, got["access_token"])
    assert (said["sub"], said["org"]) == (f"client:{app.client_id}", str(app.organization_id))
    assert (await exchange(world, app, grant_type="client_credentials")).json()["scope"] == "cohort:read person:read"
    for scope in ("cohort:write", "openid", "cohort:read nothing"):
        refused = await exchange(world, app, grant_type="client_credentials", scope=scope)
        assert refused.json()["error"] == "invalid_scope"
    assert (await userinfo(world, got["access_token"])).status_code == 401
    assert (await world.bearer(got["access_token"]).get("/v1/users/")).status_code == 403
    people = await registered(world, app.admin)
    assert (await exchange(world, people, grant_type="client_credentials")).json()["error"] == "unauthorized_client"


async def test_introspection(world: World) -> None:
    app = await registered(world)
    neighbour = await registered(world, app.admin, **MACHINE, redirect_uris=[])
    stranger = await registered(world, organization_id=uuid4())
    got = await tokens(world, app)
    for token, extra in ((got["access_token"], {"jti", "iat"}), (got["refresh_token"], {"exp"})):
        said = await asked_about(world, app, token)
        assert said["active"] is True
        assert (said["client_id"], extra <= set(said)) == (app.client_id, True)
        assert (await asked_about(world, neighbour, token, token_type_hint="refresh_token"))["active"] is True
        assert await asked_about(world, stranger, token) == {"active": False}
    own = await world.signed_in()
    for other in (got["id_token"], own["access-token"], own["refresh-token"], "x", "e30.e30.e30"):
        assert await asked_about(world, app, other) == {"active": False}
    await refreshed(world, app, got["refresh_token"])
    assert await asked_about(world, app, got["refresh_token"]) == {"active": False}
    machine = (await exchange(world, neighbour, grant_type="client_credentials")).json()["access_token"]
    assert (await asked_about(world, app, machine))["sub"] == f"client:{neighbour.client_id}"
    await world.rows("UPDATE sessions SET ended_at = now()")
    assert await asked_about(world, app, got["access_token"]) == {"active": False}
    nobody = await world.client.post("/oauth2/introspect", data={"token": "x", "client_id": app.client_id})
    assert (nobody.status_code, nobody.json()["error"]) == (401, "invalid_client")
    missing = await world.client.post("/oauth2/introspect", auth=app.basic)
    assert missing.json()["error"] == "invalid_request"


async def test_introspection_of_a_service_accounts_token(world: World) -> None:
    app = await registered(world)
    admin = await world.staff(app.organization_id, role="org.admin")
    account = await made_account(world, admin, app.organization_id)
    key = await made_key(world, admin, app.organization_id, service_account_id=account["id"])
    secret = (account["id"], key["attributes"]["key"])
    token = (await exchange(world, app, secret, grant_type="client_credentials")).json()["access_token"]
    said = await asked_about(world, app, token)
    assert (said["active"], said["client_id"], said["sub"]) == (True, account["id"], account["id"])
    own = app._replace(client_id=secret[0], secret=secret[1])
    assert (await asked_about(world, own, token))["active"] is True
    kept = await world.client.post("/oauth2/revoke", data={"token": token}, auth=secret)
    assert kept.json()["error"] == "unsupported_token_type"
    await world.rows("UPDATE api_keys SET revoked_at = now()")
    assert await asked_about(world, app, token) == {"active": False}


async def test_revocation(world: World) -> None:
    app = await registered(world)
    other = await registered(world, app.admin)
    got = await tokens(world, app)
    foreign = await world.client.post("/oauth2/revoke", data={"token": got["access_token"]}, auth=other.basic)
    assert foreign.json()["error"] == "invalid_grant"
    once = {"idempotency-key": str(uuid4())}
    unknown = await world.client.post("/oauth2/revoke", data={"token": "mst_rt_x"}, auth=app.basic, headers=once)
    assert unknown.status_code == 200
    async with authlib(world, app) as client:
        answer = await client.revoke_token("http://muster.test/oauth2/revoke", got["refresh_token"])
    assert answer.status_code == 200
    assert not await lives(world, got["access_token"])
    assert (await refreshed(world, app, got["refresh_token"])).status_code == 400
    machine = await registered(world, app.admin, **MACHINE, redirect_uris=[])
    token = (await exchange(world, machine, grant_type="client_credentials")).json()["access_token"]
    assert (await world.client.post("/oauth2/revoke", data={"token": token}, auth=machine.basic)).status_code == 200
    ended = (await world.events())[-1]
    assert str(ended.session_id) == (await claims(world, token))["sid"]


def encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def written(part: Any) -> str:
    return encoded(json.dumps(part).encode())


FORGED = ["none", "public", "kid", "typ", "issuer", "expired"]


@pytest.mark.parametrize("kind", FORGED)
async def test_forged_access_tokens(world: World, kind: str) -> None:
    app = await registered(world)
    got = await tokens(world, app)
    said = await claims(world, got["access_token"])
    own = world.client.app.state.runtime.extras["identity"].keys
    kid, key = own.current
    header: Any = {"alg": "ES256", "kid": kid, "typ": "at+jwt"}
    match kind:
        case "none":
            token = f"{written(header | {'alg': 'none'})}.{written(said)}."
        case "public":
            public: Any = next(one for one in (await keys(world)).keys if one.kid == kid)
            content = f"{written(header | {'alg': 'HS256'})}.{written(said)}"
            mac = hmac.new(public.as_pem(private=False), content.encode(), hashlib.sha256).digest()
            token = f"{content}.{encoded(mac)}"
        case "kid":
            token = jwt.encode(header | {"kid": "another"}, said, key)
        case "typ":
            token = jwt.encode(header | {"typ": "JWT"}, said, key)
        case "issuer":
            token = jwt.encode(header, said | {"iss": "https://evil.example"}, key)
        case _:
            token = jwt.encode(header, said | {"exp": said["iat"] - 100}, key)
    assert (await userinfo(world, token)).status_code == 401
    assert await asked_about(world, app, token) == {"active": False}
    assert (await world.bearer(token).get("/v1/sessions/")).status_code == 401


async def test_bodies_that_are_no_forms(world: World) -> None:
    app = await registered(world)
    as_json = await world.client.post("/oauth2/token", json={"grant_type": "client_credentials"}, auth=app.basic)
    assert (as_json.status_code, as_json.json()["error"]) == (400, "invalid_request")
    many = "&".join(f"a{number}=1" for number in range(MOST_PARAMETERS + 1))
    header = {"content-type": "application/x-www-form-urlencoded"}
    for body in (many, "code=%ff", "grant_type=client_credentials&grant_type=client_credentials"):
        answer = await world.client.post("/oauth2/token", content=body, headers=header, auth=app.basic)
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")
    large = await world.client.post("/oauth2/token", content="a" * 70_000, headers=header)
    assert (large.status_code, large.json()["error"]) == (413, "invalid_request")


async def test_the_old_name(world: World) -> None:
    app, browser = await registered(world), await person(world)
    code = await coded(world, app, browser)
    body = {
        "client_id": app.client_id,
        "client_secret": app.secret,
        "code": code,
        "grant_type": "authorization_code",
        "redirect_uri": request_of(app)["redirect_uri"],
    }
    wrong = await world.post("/v1/oauth2-tokens/", body | {"client_secret": "wrong"})
    assert (wrong.status_code, wrong.json()["errors"][0]["code"]) == (401, "invalid-client")
    unknown = await world.post("/v1/oauth2-tokens/", body | {"grant_type": "password"})
    assert (unknown.status_code, unknown.json()["errors"][0]["source"]["pointer"]) == (400, "/grant_type")
    got = await world.post("/v1/oauth2-tokens/", body)
    assert got.status_code == 201
    assert {"access_token", "refresh_token", "id_token", "expires_in"} <= set(got.json())
    replay = await world.post("/v1/oauth2-tokens/", body)
    assert (replay.status_code, replay.json()["errors"][0]["code"]) == (400, "invalid-grant")
    assert not await lives(world, got.json()["access_token"])
    late = await redeem(world, app, code)
    assert late.json()["error"] == "invalid_grant"
