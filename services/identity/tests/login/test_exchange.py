"""What a one-time code takes beside it, for who came back from an identity provider."""

from uuid import UUID

from authenticators import Person, code, with_authenticator
from contracts.identity import SessionEnded
from documents import publish
from identity_world import codes
from own_provider import OwnProvider
from upstreams import PATH, Federation, code_in


async def a_code(federation: Federation, own_provider: OwnProvider, provider: str, subject: str = "ann") -> str:
    browser = federation.browser()
    return code_in(await browser.get(own_provider.authorize(await federation.start(browser, provider), subject)))


async def with_own_factor(federation: Federation, own_provider: OwnProvider) -> tuple[str, Person]:
    """A provider, and somebody who has an authenticator here and is linked by their address."""
    person = await with_authenticator(federation.world)
    provider = (await federation.oidc(own_provider.url, domains=["example.org"]))["id"]
    assert (await federation.own(provider, "example.org")).status_code == 201
    own_provider.claims = {"email": person.username, "email_verified": True}
    return provider, person


async def test_a_second_factor_may_follow_with_the_same_code(federation: Federation, own_provider: OwnProvider) -> None:
    provider, person = await with_own_factor(federation, own_provider)
    one_time = await a_code(federation, own_provider, provider)
    for typed, reason in ((None, "totp-required"), ("000000", "invalid-totp-code"), ("x", "invalid-totp-code")):
        body = {"code": one_time} | ({"totp-code": typed} if typed else {})
        refused = await federation.world.post("/v1/login/exchange/", body)
        assert (refused.status_code, codes(refused)) == (401, [reason])
    body = {"code": one_time, "totp-code": code(person.secret, 1)}
    answer = await federation.world.post("/v1/login/exchange/", body)
    assert answer.status_code == 201, answer.text
    assert answer.json()["user-id"] == person.user_id
    assert "mst_device" in answer.headers["set-cookie"]
    statement = "SELECT acr, amr FROM sessions WHERE id = :id"
    row = (await federation.world.rows(statement, id=UUID(answer.json()["session-id"])))[0]
    assert (row.acr, row.amr) == ("aal2", ["fed", "otp", "mfa"])
    again = await federation.world.post("/v1/login/exchange/", body)
    assert (again.status_code, codes(again)) == (401, ["invalid-code"])


async def test_documents_are_agreed_to_with_the_same_code(federation: Federation, own_provider: OwnProvider) -> None:
    provider = (await federation.oidc(own_provider.url))["id"]
    document = (await publish(federation.world))["id"]
    one_time = await a_code(federation, own_provider, provider)
    refused = await federation.world.post("/v1/login/exchange/", {"code": one_time})
    assert (refused.status_code, codes(refused)) == (401, ["service-documents-required"])
    body = {"code": one_time, "service-document-agreements": [document]}
    assert (await federation.world.post("/v1/login/exchange/", body)).status_code == 201


async def test_bodies_that_are_not_taken(federation: Federation) -> None:
    for body in ({}, {"code": 7}, {"code": "x" * 101}, {"code": "x", "more": 1}, []):
        answer = await federation.world.client.post("/v1/login/exchange/", json=body)
        assert answer.status_code == 400


async def test_what_began_by_a_providers_word_ends_with_it(federation: Federation, own_provider: OwnProvider) -> None:
    world = federation.world
    provider = (await federation.oidc(own_provider.url))["id"]
    signed_in = await world.post("/v1/login/exchange/", {"code": await a_code(federation, own_provider, provider)})
    theirs = signed_in.json()
    other = await world.signed_in()
    assert (await world.bearer(theirs["access-token"]).post("/v1/authenticate/", json={})).status_code == 201
    assert (await federation.admin.delete(f"{PATH}{provider}/")).status_code == 204
    assert (await world.bearer(theirs["access-token"]).post("/v1/authenticate/", json={})).status_code == 401
    assert codes(await world.refresh(theirs["refresh-token"])) == ["session-ended"]
    assert [str(event.session_id) for event in await world.events(SessionEnded)] == [theirs["session-id"]]
    assert (await world.refresh(other["refresh-token"])).status_code == 201
