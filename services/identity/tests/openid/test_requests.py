"""Authorization requests: which are good, who hears of those that are not, and what the person is asked."""

import json
from typing import Any

import pytest
from authenticators import code, with_authenticator
from documents import publish
from identity_world import Json, World
from openid_world import (
    CALLBACK,
    Browser,
    claims,
    coded,
    person,
    redeem,
    registered,
    request_of,
    tokens,
    told,
    unknown,
    userinfo,
)

ALMOST = [
    f"{CALLBACK}/",
    f"{CALLBACK}?x=1",
    f"{CALLBACK}#x",
    "https://app.example/callbac",
    "https://app.example/Callback",
    "https://APP.example/callback",
    "https://app.example:443/callback",
    "https://app.example./callback",
    "https://app.example/./callback",
    "https://app.example/%63allback",
    "https://app.example@evil.example/callback",
    "https://evil.example/callback",
    "http://app.example/callback",
    "https://app.example/callback\\@evil.example",
    "https://app.example/callback ",
    'https://app.example/"callback',
    "javascript:alert(1)",
    "//app.example/callback",
]


@pytest.mark.parametrize("address", ALMOST, ids=range(len(ALMOST)))
async def test_addresses_that_almost_match_lead_nowhere(world: World, address: str) -> None:
    app = await registered(world)
    answer = await Browser(world).visit(request_of(app, redirect_uri=address))
    assert answer.status_code == 400
    assert answer.headers["content-type"].startswith("text/html")
    assert "location" not in answer.headers
    assert address not in answer.text


async def test_the_loopback_of_a_native_application_has_any_port(world: World) -> None:
    native = {"application_type": "native", "redirect_uris": ["http://127.0.0.1:1000/cb", "http://localhost/cb"]}
    app, browser = await registered(world, **native), Browser(world)
    for address, status in (
        ("http://127.0.0.1:5000/cb", 200),
        ("http://127.0.0.1/cb", 200),
        ("http://127.0.0.1:5000/cb2", 400),
        ("http://127.0.0.1:5000@evil.example/cb", 400),
        ("http://127.0.0.1:99999/cb", 400),
        ("http://127.0.0.2:5000/cb", 400),
        ("http://localhost:5000/cb", 400),
        ("https://127.0.0.1:5000/cb", 400),
    ):
        assert (await browser.visit(request_of(app, redirect_uri=address))).status_code == status, address
    web = await registered(world, app.admin, redirect_uris=["http://127.0.0.1:1000/cb"])
    refused = await browser.visit(request_of(web, redirect_uri="http://127.0.0.1:5000/cb"))
    assert refused.status_code == 400


WRONG: list[tuple[Json, str]] = [
    ({"response_type": "token"}, "unsupported_response_type"),
    ({"response_type": None}, "unsupported_response_type"),
    ({"scope": "openid admin"}, "invalid_scope"),
    ({"scope": None}, "invalid_scope"),
    ({"scope": "openid cohort:read"}, "invalid_scope"),
    ({"prompt": "none login"}, "invalid_request"),
    ({"prompt": "dance"}, "invalid_request"),
    ({"max_age": "-1"}, "invalid_request"),
    ({"max_age": "9" * 40}, "invalid_request"),
    ({"response_mode": "fragment"}, "invalid_request"),
    ({"request": "e30.e30."}, "request_not_supported"),
    ({"request_uri": "https://evil.example/r"}, "invalid_request_uri"),
    ({"registration": "{}"}, "registration_not_supported"),
    ({"claims": "[]"}, "invalid_request"),
    ({"claims": '{"userinfo": {"email": 1}}'}, "invalid_request"),
    ({"claims": "[" * 5000}, "invalid_request"),
    ({"id_token_hint": "e30.e30.e30"}, "invalid_request"),
    ({"nonce": "n" * 600}, "invalid_request"),
    ({"code_challenge": "x" * 43}, "invalid_request"),
    ({"code_challenge": "short", "code_challenge_method": "S256"}, "invalid_request"),
    ({"login_hint": "a\x00b"}, "invalid_request"),
]


@pytest.mark.parametrize(("changed", "error"), WRONG, ids=range(len(WRONG)))
async def test_what_the_client_is_told(world: World, changed: Json, error: str) -> None:
    answer = told(await Browser(world).visit(request_of(await registered(world), **changed)))
    assert (answer["error"], answer["state"], answer["iss"]) == (error, "st-1", "http://muster.test")


@pytest.mark.parametrize("changed", [{"client_id": None}, {"client_id": "nobody"}, {"client_id": 'x"y'}], ids=range(3))
async def test_unknown_clients_are_told_nothing(world: World, changed: Json) -> None:
    answer = await Browser(world).visit(request_of(await registered(world), **changed))
    assert answer.status_code == 400
    assert "location" not in answer.headers


async def test_parameters_that_come_twice(world: World) -> None:
    app = await registered(world)
    pairs = [*request_of(app).items(), ("state", "other")]
    assert (await Browser(world).get("/oauth2/authorize", params=pairs)).status_code == 400
    pairs = [*request_of(app).items(), ("nonce", "other")]
    assert told(await Browser(world).get("/oauth2/authorize", params=pairs))["error"] == "invalid_request"


async def test_prompts(world: World) -> None:
    app, browser = await registered(world), await person(world)
    assert told(await browser.visit(request_of(app, prompt="none")))["error"] == "login_required"
    page = await browser.visit(request_of(app))
    await browser.sign_in(page)
    assert told(await browser.visit(request_of(app, prompt="none")))["error"] == "consent_required"
    await tokens(world, app, browser)
    assert "code" in told(await browser.visit(request_of(app, prompt="none")))
    for prompt, heading in (("login", "Sign in"), ("select_account", "Sign in"), ("consent", "asks for access")):
        asked = await browser.visit(request_of(app, prompt=prompt))
        assert heading in asked.text
        assert "code" in told(await browser.through(asked))
    more = await registered(world, app.admin, scopes=["openid", "email"])
    assert "asks for access" in (await browser.visit(request_of(more, scope="openid"))).text


async def test_how_old_a_sign_in_may_be(world: World) -> None:
    app, browser = await registered(world), await person(world)
    first = await claims(world, (await tokens(world, app, browser))["id_token"])
    assert "code" in told(await browser.visit(request_of(app, max_age="600")))
    await world.rows("UPDATE sessions SET auth_time = auth_time - interval '1 hour'")
    page = await browser.visit(request_of(app, max_age="600"))
    assert "Sign in" in page.text
    code_ = told(await browser.through(page))["code"]
    again = await claims(world, (await redeem(world, app, code_)).json()["id_token"])
    assert again["auth_time"] >= first["auth_time"]


async def test_a_sign_in_for_the_request_itself_is_always_recent(world: World) -> None:
    app, browser = await registered(world), await person(world)
    await tokens(world, app, browser)
    page = await browser.visit(request_of(app, max_age="0", prompt="consent"))
    consent = await browser.sign_in(page)
    await world.rows("UPDATE oauth2_interactions SET created_at = created_at - interval '1 minute'")
    await world.rows("UPDATE oauth2_interactions SET auth_time = auth_time - interval '30 seconds'")
    assert "code" in told(await browser.submit(consent))


async def test_somebody_else_signs_in(world: World) -> None:
    app, browser, other = await registered(world), await person(world), await person(world)
    mine = await tokens(world, app, browser)
    page = await other.visit(request_of(app, id_token_hint=mine["id_token"]))
    assert told(await other.sign_in(page))["error"] == "login_required"


async def test_hints(world: World) -> None:
    app, browser, other = await registered(world), await person(world), await person(world)
    page = await browser.visit(request_of(app, login_hint='ada@"example'))
    assert 'value="ada@&#34;example"' in page.text
    mine = await tokens(world, app, browser)
    theirs = await tokens(world, app, other)
    assert "code" in told(await browser.visit(request_of(app, id_token_hint=mine["id_token"], prompt="none")))
    silent = told(await browser.visit(request_of(app, id_token_hint=theirs["id_token"], prompt="none")))
    assert silent["error"] == "login_required"
    for hint in (mine["access_token"], (await tokens(world, await registered(world)))["id_token"]):
        assert told(await browser.visit(request_of(app, id_token_hint=hint)))["error"] == "invalid_request"


async def test_claims_one_by_one(world: World) -> None:
    app, browser = await registered(world, scopes=["openid", "email"]), await person(world)
    wanted: Any = {
        "userinfo": {"given_name": {"essential": True}, "nonsense": None},
        "id_token": {"email": None, "auth_time": {"essential": True}},
    }
    asked = request_of(app, scope="openid", claims=json.dumps(wanted))
    page = await browser.sign_in(await browser.visit(asked))
    assert "email, given_name" in page.text
    code_ = told(await browser.through(page))["code"]
    got = (await redeem(world, app, code_)).json()
    assert (await claims(world, got["id_token"]))["email"] == browser.username
    assert set((await userinfo(world, got["access_token"])).json()) == {"sub", "given_name"}


async def test_two_factors_on_demand(world: World) -> None:
    owner = await with_authenticator(world)
    app, browser = await registered(world), Browser(world, owner.username)
    page = await browser.sign_in(await browser.visit(request_of(app)))
    assert "One more step" in page.text
    wrong = await browser.submit(page, code="000000")
    assert (wrong.status_code, 'role="alert"' in wrong.text) == (401, True)
    code_ = told(await browser.through(await browser.submit(wrong, code=code(owner.secret, 1))))["code"]
    said = await claims(world, (await redeem(world, app, code_)).json()["id_token"])
    assert (said["acr"], said["amr"]) == ("aal2", ["pwd", "otp", "mfa"])
    await world.rows("UPDATE sessions SET acr = 'aal1', amr = '{pwd}'")
    assert "One more step" in (await browser.visit(request_of(app, acr_values="aal2"))).text
    assert told(await browser.visit(request_of(app, acr_values="aal2", prompt="none")))["error"] == "login_required"
    assert "code" in told(await browser.visit(request_of(app, acr_values="aal1 aal2")))


async def test_a_level_that_cannot_be_reached(world: World) -> None:
    app, browser = await registered(world), await person(world)
    demanded = json.dumps({"id_token": {"acr": {"essential": True, "values": ["aal2"]}}})
    answer = told(await browser.through(await browser.visit(request_of(app, claims=demanded))))
    assert answer["error"] == "unmet_authentication_requirements"
    assert "code" in told(await browser.visit(request_of(app, acr_values="aal2")))


async def test_documents_are_agreed_to_on_the_way(world: World) -> None:
    app, browser = await registered(world), await person(world)
    await publish(world, title="Terms & more")
    page = await browser.sign_in(await browser.visit(request_of(app)))
    assert "Terms &amp; more" in page.text
    assert "code" in told(await browser.through(page))
    assert "/oauth2/documents" in browser.seen


async def test_a_person_says_no(world: World) -> None:
    app, browser = await registered(world), await person(world)
    page = await browser.visit(request_of(app))
    assert told(await browser.submit(page, answer="cancel"))["error"] == "access_denied"
    page = await browser.sign_in(await browser.visit(request_of(app)))
    assert told(await browser.submit(page, answer="cancel"))["error"] == "access_denied"
    assert "asks for access" in (await browser.visit(request_of(app))).text


async def test_pushed_requests(world: World) -> None:
    app, browser = await registered(world, require_pushed_authorization_requests=True), await person(world)
    assert told(await browser.visit(request_of(app)))["error"] == "invalid_request"
    pushed = await world.client.post("/oauth2/par", data=request_of(app), auth=app.basic)
    assert pushed.status_code == 201, pushed.text
    name = {"client_id": app.client_id, "request_uri": pushed.json()["request_uri"]}
    other = await registered(world, app.admin)
    assert (await browser.visit(name | {"client_id": other.client_id})).status_code == 400
    answer = told(await browser.through(await browser.visit(name)))
    assert (await redeem(world, app, answer["code"])).status_code == 200
    assert (await browser.visit(name)).status_code == 400
    wrong = await world.client.post(
        "/oauth2/par", data=request_of(app, redirect_uri="https://x.example"), auth=app.basic
    )
    assert (wrong.status_code, wrong.json()["error"]) == (400, "invalid_request")
    nobody = await world.client.post("/oauth2/par", data=request_of(app), auth=(app.client_id, "wrong"))
    assert (nobody.status_code, nobody.json()["error"]) == (401, "invalid_client")
    nested = await world.client.post("/oauth2/par", data={"request_uri": "urn:x", **request_of(app)}, auth=app.basic)
    assert nested.json()["error"] == "invalid_request"


async def test_by_post(world: World) -> None:
    app, browser = await registered(world), await person(world)
    answer = await browser.follow(await browser.post("/oauth2/authorize", data=request_of(app)))
    assert "code" in told(await browser.through(answer))
    assert (await browser.post("/oauth2/authorize", json=request_of(app))).status_code == 400


async def test_an_address_may_be_left_out_where_there_is_one(world: World) -> None:
    app, browser = await registered(world), await person(world)
    code_ = await coded(world, app, browser, redirect_uri=None)
    assert (await redeem(world, app, code_, redirect_uri=None)).status_code == 200
    two = await registered(world, app.admin, redirect_uris=[CALLBACK, f"{CALLBACK}2"])
    assert (await browser.visit(request_of(two, redirect_uri=None))).status_code == 400


async def test_interactions_belong_to_their_browser(world: World) -> None:
    app, browser, other = await registered(world), await person(world), await person(world)
    page = await browser.visit(request_of(app))
    address = f"/oauth2/sign-in?interaction={page.url.params['interaction']}"
    assert (await browser.get(address)).status_code == 200
    assert (await other.get(address)).status_code == 410
    assert (await browser.get(f"/oauth2/interactions/{unknown()}")).status_code == 410
    assert (await browser.get("/oauth2/sign-in?interaction=x")).status_code == 410
    await browser.through(page)
    assert (await browser.get(address)).status_code == 410
