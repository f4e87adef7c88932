"""Signing in through npm's certified oidc-provider."""

from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID, uuid4

import pytest
from contracts.identity import MemberProvisioned, SessionStarted, UserConfirmed, UserCreated
from identity_world import codes
from upstreams import APPLICATION, Federation, at_upstream, code_in

Json = dict[str, Any]


async def users(federation: Federation, provider: str) -> list[Any]:
    statement = (
        "SELECT e.subject, u.* FROM external_identities e JOIN users u ON u.id = e.user_id WHERE provider_id = :id"
    )
    return await federation.world.rows(statement, id=UUID(provider))


@pytest.mark.parametrize("method", ["client_secret_basic", "client_secret_post"])
async def test_somebody_new_signs_in_and_is_known_the_second_time(
    federation: Federation, upstream: str, method: str
) -> None:
    provider = (await federation.oidc(upstream, **{"client-authentication": method}))["id"]
    came = await federation.through(provider, "sam", next=f"{APPLICATION}?theirs=1")
    assert came.headers["location"].startswith(f"{APPLICATION}?theirs=1&code=")
    assert came.headers["cache-control"] == "no-store"
    answer = await federation.exchanged(came)
    assert answer.status_code == 201, answer.text
    tokens = answer.json()
    assert tokens["organizations"] == [str(federation.organization_id)]
    assert tokens["first-name"] == "Sam"
    mine = federation.world.bearer(tokens["access-token"])
    assert (await mine.get(f"/v1/users/{tokens['user-id']}/")).status_code == 200
    again = (await federation.exchanged(await federation.through(provider, "sam"))).json()
    assert again["user-id"] == tokens["user-id"]
    assert [row.subject for row in await users(federation, provider)] == ["sam"]
    provisioned = await federation.world.events(MemberProvisioned)
    assert [(one.organization_id, one.roles) for one in provisioned] == [(federation.organization_id, ())]
    kinds = [type(event) for event in await federation.world.events()]
    assert UserCreated in kinds
    assert UserConfirmed in kinds
    assert SessionStarted in kinds


async def test_the_tokens_say_that_another_vouched(federation: Federation, upstream: str) -> None:
    provider = (await federation.oidc(upstream))["id"]
    tokens = (await federation.exchanged(await federation.through(provider, "sam"))).json()
    row = (await federation.world.rows("SELECT acr, amr FROM sessions WHERE id = :id", id=UUID(tokens["session-id"])))[
        0
    ]
    assert (row.acr, row.amr) == ("aal1", ["fed"])
    trail = await federation.world.rows(
        "SELECT action FROM audit_events WHERE user_id = :id", id=UUID(tokens["user-id"])
    )
    assert {"external-identity-created", "external-sign-in", "signed-in"} <= {row.action for row in trail}


async def test_without_an_application_the_answer_is_what_login_answers(federation: Federation, upstream: str) -> None:
    provider = (await federation.oidc(upstream, **{"redirect-addresses": []}))["id"]
    came = await federation.through(provider, "sam")
    assert came.status_code == 200, came.text
    assert came.json()["token-type"] == "Bearer"
    assert (await federation.world.refresh(came.json()["refresh-token"])).status_code == 201


async def test_a_code_counts_once(federation: Federation, upstream: str) -> None:
    provider = (await federation.oidc(upstream))["id"]
    came = await federation.through(provider, "sam")
    assert (await federation.exchanged(came)).status_code == 201
    for code in (code_in(came), "x", "", "\x00"):
        again = await federation.world.post("/v1/login/exchange/", {"code": code})
        assert (again.status_code, codes(again)) == (401, ["invalid-code"])


async def test_an_answer_counts_once_and_only_in_the_browser_that_asked(federation: Federation, upstream: str) -> None:
    provider = (await federation.oidc(upstream))["id"]
    browser = federation.browser()
    back = await at_upstream(await federation.start(browser, provider), "sam")
    stranger = federation.browser()
    await federation.start(stranger, provider)
    for other in (federation.browser(), stranger):
        refused = await other.get(back)
        assert (refused.status_code, codes(refused)) == (400, ["invalid-state"])
    assert (await browser.get(back)).status_code == 303
    replayed = await browser.get(back)
    assert (replayed.status_code, codes(replayed)) == (400, ["invalid-state"])


async def test_an_answer_of_another_provider_is_refused(federation: Federation, upstream: str) -> None:
    """The mix-up of RFC 9207: the answer names another issuer, or none although the provider names itself."""
    provider = (await federation.oidc(upstream))["id"]
    for change in ("another", "missing"):
        browser = federation.browser()
        back = await at_upstream(await federation.start(browser, provider), "sam")
        query = {name: values[0] for name, values in parse_qs(urlsplit(back).query).items()}
        assert query.pop("iss") == upstream
        if change == "another":
            query["iss"] = "https://attacker.test"
        refused = await browser.get("/v1/oauth2-redirector/", params=query)
        assert (refused.status_code, codes(refused)) == (400, ["wrong-issuer"])


async def test_a_code_of_another_sign_in_is_refused(federation: Federation, upstream: str) -> None:
    """Injected codes fail by the proof key and the nonce."""
    provider = (await federation.oidc(upstream))["id"]
    ours, theirs = federation.browser(), federation.browser()
    mine = urlsplit(await at_upstream(await federation.start(ours, provider), "sam"))
    stolen = urlsplit(await at_upstream(await federation.start(theirs, provider), "ann"))
    query = {name: values[0] for name, values in parse_qs(mine.query).items()}
    query["code"] = parse_qs(stolen.query)["code"][0]
    refused = await ours.get("/v1/oauth2-redirector/", params=query)
    assert (refused.status_code, codes(refused)) == (400, ["provider-refused"])
    assert refused.json()["errors"][0]["meta"] == {"error": "invalid_grant"}


@pytest.mark.parametrize("state", ["", "x", "0190c4c1-0000-7000-8000-000000000000"])
async def test_a_state_that_nobody_has(federation: Federation, state: str) -> None:
    refused = await federation.browser().get("/v1/oauth2-redirector/", params={"code": "x", "state": state})
    assert refused.status_code == 400


async def test_who_says_no_comes_back_with_it(federation: Federation, upstream: str) -> None:
    browser, provider = federation.browser(), (await federation.oidc(upstream))["id"]
    asked = parse_qs(urlsplit(await federation.start(browser, provider)).query)
    said = {"error": "access_denied", "state": asked["state"][0], "iss": upstream}
    answer = await browser.get("/v1/oauth2-redirector/", params=said)
    assert answer.headers["location"] == f"{APPLICATION}?error=access_denied"


async def test_addresses_that_almost_match_are_refused(federation: Federation, upstream: str) -> None:
    provider = (await federation.oidc(upstream))["id"]
    for address in (
        "https://app.clinic.test/signed-in/",
        "https://app.clinic.test/signed-inn",
        "https://app.clinic.test.evil.test/signed-in",
        "https://app.clinic.test@evil.test/signed-in",
        "http://app.clinic.test/signed-in",
        "HTTPS://app.clinic.test/signed-in",
        "https://app.clinic.test/signed-in#x",
        "https://app.clinic.test/signed-in?x#y",
        "https://app.clinic.test:444/signed-in",
        "https://app.clinic.test/a/../signed-in",
        "//app.clinic.test/signed-in",
        "javascript:alert(1)",
        "",
    ):
        refused = await federation.browser().get(
            f"/v1/identity-providers/{provider}/sign-in/", params={"next": address}
        )
        assert (refused.status_code, codes(refused)) == (400, ["address-not-allowed"]), address


async def test_an_address_links_only_where_both_sides_have_shown_it(federation: Federation, upstream: str) -> None:
    """A login is linked by a verified address of a verified domain, and by nothing less."""
    world = federation.world
    ann = await world.account(email="ann@clinic.test")
    bob = await world.account(email="bob@clinic.test")
    provider = (await federation.oidc(upstream, domains=["clinic.test"]))["id"]
    tokens = (await federation.exchanged(await federation.through(provider, "ann"))).json()
    assert tokens["user-id"] != str(ann)  # the domain is not verified: another login, without the address
    assert (await world.rows("SELECT email_verified FROM users WHERE id = :id", id=UUID(tokens["user-id"])))[0][
        0
    ] is False
    await world.rows("DELETE FROM external_identities WHERE provider_id = :id", id=UUID(provider))
    assert (await federation.own(provider, "clinic.test")).status_code == 201
    tokens = (await federation.exchanged(await federation.through(provider, "ann"))).json()
    assert tokens["user-id"] == str(ann)
    tokens = (await federation.exchanged(await federation.through(provider, "bob"))).json()
    assert tokens["user-id"] != str(bob)  # the provider itself has not verified the address
    tokens = (await federation.exchanged(await federation.through(provider, "eve"))).json()
    row = (await world.rows("SELECT email, email_verified FROM users WHERE id = :id", id=UUID(tokens["user-id"])))[0]
    assert (row.email, row.email_verified) == ("eve@elsewhere.test", False)


async def test_the_operator_comes_through_no_provider(federation: Federation, upstream: str) -> None:
    world = federation.world
    ann = await world.account(email="ann@clinic.test", classification="carium")
    provider = (await federation.oidc(upstream, domains=["clinic.test"]))["id"]
    await federation.own(provider, "clinic.test")
    refused = await federation.through(provider, "ann")
    assert (refused.status_code, codes(refused)) == (403, ["not-admitted"])
    assert await users(federation, provider) == []
    await world.rows("UPDATE users SET classification = 'customer' WHERE id = :id", id=ann)
    assert (await federation.through(provider, "ann")).status_code == 303
    await world.rows(
        "INSERT INTO user_roles (id, user_id, name) VALUES (:role, :id, 'system.support')", role=uuid4(), id=ann
    )
    assert (await federation.through(provider, "ann")).status_code == 403


async def test_without_just_in_time_only_who_is_known_comes_in(federation: Federation, upstream: str) -> None:
    provider = (await federation.oidc(upstream, **{"just-in-time": False, "domains": ["clinic.test"]}))["id"]
    await federation.own(provider, "clinic.test")
    assert (await federation.through(provider, "ann")).status_code == 403
    ann = await federation.world.account(email="ann@clinic.test")
    assert (await federation.through(provider, "ann")).status_code == 403  # no member of the organization
    await federation.world.belongs(ann, federation.organization_id, role="org.member")
    assert (await federation.through(provider, "ann")).status_code == 303


async def test_a_disabled_login_stays_out(federation: Federation, upstream: str) -> None:
    provider = (await federation.oidc(upstream))["id"]
    came = await federation.through(provider, "sam")
    user = UUID((await federation.exchanged(await federation.through(provider, "sam"))).json()["user-id"])
    assert (await federation.world.client.as_operator().post(f"/v1/users/{user}/disable/", json={})).status_code == 201
    assert (await federation.exchanged(came)).status_code == 401
    assert (await federation.through(provider, "sam")).status_code == 403


async def test_groups_give_roles_and_groups_and_take_them_again(federation: Federation, upstream: str) -> None:
    ward, other = uuid4(), uuid4()
    rules = [
        {"value": "admins", "role": "org.admin"},
        {"value": "nurses", "group-id": str(ward)},
        {"value": "doctors", "group-id": str(other)},
    ]
    provider = (await federation.oidc(upstream, **{"group-rules": rules}))["id"]
    tokens = (await federation.exchanged(await federation.through(provider, "ann"))).json()
    claims = (
        await federation.world.client.with_token(tokens["access-token"]).post("/v1/authenticate/", json={})
    ).json()
    assert claims["data"]["roles"] == ["org.admin"]
    assert (await federation.change(provider, **{"group-rules": rules[2:]})).status_code == 200
    await federation.through(provider, "ann")
    await federation.through(provider, "ann")
    told = await federation.world.events(MemberProvisioned)
    assert [(one.roles, one.left_roles, one.group_ids, one.left_group_ids) for one in told] == [
        (("org.admin",), (), (ward,), ()),
        ((), ("org.admin",), (), (ward,)),
    ]


async def test_a_second_factor_is_asked_for_unless_the_provider_is_trusted(
    federation: Federation, upstream: str
) -> None:
    provider = (await federation.oidc(upstream))["id"]
    tokens = (await federation.exchanged(await federation.through(provider, "sam"))).json()
    await federation.world.rows(
        "INSERT INTO totp_configurations (id, user_id, secret, enabled) VALUES (:id, :user_id, :secret, true)",
        id=uuid4(),
        user_id=UUID(tokens["user-id"]),
        secret=b"x",
    )
    came = await federation.through(provider, "sam")
    refused = await federation.exchanged(came)
    assert (refused.status_code, codes(refused)) == (401, ["totp-required"])


async def test_a_provider_that_is_switched_off_or_gone(federation: Federation, upstream: str) -> None:
    provider = (await federation.oidc(upstream))["id"]
    browser = federation.browser()
    came = await federation.through(provider, "sam")
    back = await at_upstream(await federation.start(browser, provider), "sam")
    await federation.change(provider, enabled=False)
    assert (await federation.exchanged(came)).status_code == 401
    assert (await browser.get(back)).status_code == 404
    assert (await federation.browser().get(f"/v1/identity-providers/{provider}/sign-in/")).status_code == 404
    assert (await federation.admin.delete(f"/v1/identity-providers/{provider}/")).status_code == 204
    assert (await federation.browser().get(f"/v1/identity-providers/{provider}/sign-in/")).status_code == 404
