"""Signing in through a SAML identity provider that pysaml2 plays."""

import re
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

from identity_world import codes
from openid_world import Browser, admin_of, claims, redeem, registered, request_of, told
from saml_idp import SIGN_IN, Keys, assertion_of, encoded, signed
from saml_world import Clinic, set_up, text
from upstreams import APPLICATION

Json = dict[str, Any]


async def test_somebody_signs_in(clinic: Clinic) -> None:
    browser, address = await clinic.begun()
    assert address.startswith(f"{SIGN_IN}?SAMLRequest=")
    location = await clinic.finishing(clinic.idp.answered(address))
    came = await browser.get(location)
    assert came.headers["location"].startswith(f"{APPLICATION}?code=")
    tokens = (await clinic.federation.exchanged(came)).json()
    assert (tokens["first-name"], tokens["last-name"]) == ("Ann", "Lee")
    assert tokens["organizations"] == [str(clinic.federation.organization_id)]
    assert (await clinic.tokens())["user-id"] == tokens["user-id"]
    assert (await clinic.tokens(subject="bob-12"))["user-id"] != tokens["user-id"]


async def test_a_response_may_be_signed_as_a_whole_beside(clinic: Clinic) -> None:
    assert (await clinic.tokens(sign="assertion+response"))["token-type"] == "Bearer"


async def test_a_response_may_come_as_json(clinic: Clinic) -> None:
    browser, address = await clinic.begun()
    answer = await browser.post(f"/v1/saml-acs/{clinic.id}/acs/", json=clinic.idp.answered(address) | {"more": 1})
    assert answer.status_code == 303
    assert (await browser.get(answer.headers["location"])).status_code == 303


async def test_only_the_browser_that_began_it_goes_on(clinic: Clinic) -> None:
    """Otherwise somebody's response could be posted into another person's browser."""
    browser, address = await clinic.begun()
    location = await clinic.finishing(clinic.idp.answered(address))
    stranger, _ = await clinic.begun()
    for other in (clinic.federation.browser(), stranger):
        refused = await other.get(location)
        assert (refused.status_code, codes(refused)) == (400, ["invalid-state"])
    assert (await browser.get(location)).status_code == 303
    assert (await browser.get(location)).status_code == 400


async def test_a_replay_is_refused(clinic: Clinic) -> None:
    _, address = await clinic.begun()
    form = clinic.idp.answered(address)
    assert (await clinic.post(form)).status_code == 303
    again = await clinic.post(form)
    assert (again.status_code, codes(again)) == (400, ["invalid-state"])
    _, other = await clinic.begun()
    relay = parse_qs(urlsplit(other).query)["RelayState"][0]
    assert (await clinic.post(form | {"RelayState": relay})).status_code == 400


async def test_an_assertion_for_another_provider_of_the_platform(clinic: Clinic, keys: Keys) -> None:
    other = await set_up(clinic.federation, keys)
    _, address = await clinic.begun()
    form = clinic.idp.answered(address)
    await other.refused(form)
    _, theirs = await other.begun()
    await other.refused(form | {"RelayState": parse_qs(urlsplit(theirs).query)["RelayState"][0]})


def nobody_asked(clinic: Clinic, subject: str = "ann-4711", relay_state: str | None = None) -> Json:
    root = clinic.idp.unsigned(clinic.here["acs-url"], clinic.here["entity-id"], None, subject)
    signed(assertion_of(root), clinic.idp.keys.pem)
    return {"SAMLResponse": encoded(root)} | ({"RelayState": relay_state} if relay_state else {})


async def test_what_nobody_asked_for_counts_only_where_it_may(clinic: Clinic, keys: Keys) -> None:
    await clinic.refused(nobody_asked(clinic))
    await clinic.federation.change(clinic.id, **{"allow-unsolicited": True})
    form = nobody_asked(clinic, relay_state=f"{APPLICATION}?page=2")
    browser = clinic.federation.browser()
    came = await browser.get(await clinic.finishing(form))
    assert came.headers["location"].startswith(f"{APPLICATION}?page=2&code=")
    assert (await clinic.federation.exchanged(came)).status_code == 201
    replayed = await clinic.post(form)
    assert (replayed.status_code, codes(replayed)) == (400, ["invalid-saml-message"])
    came = await browser.get(await clinic.finishing(nobody_asked(clinic, relay_state="https://evil.test/")))
    assert came.headers["location"].startswith(f"{APPLICATION}?code=")
    _, address = await clinic.begun()
    solicited = clinic.idp.answered(address)
    solicited.pop("RelayState")
    assert (await clinic.post(solicited)).status_code == 400


async def test_a_second_factor_over_there_counts_where_it_is_trusted(clinic: Clinic) -> None:
    world = clinic.federation.world
    strong = text(".//saml:AuthnContextClassRef", "https://refeds.org/profile/mfa")
    weak = await clinic.tokens(edit=strong)
    await clinic.federation.change(clinic.id, **{"trust-second-factor": True})
    trusted = await clinic.tokens(edit=strong)
    levels = [
        (await world.rows("SELECT acr FROM sessions WHERE id = :id", id=UUID(one["session-id"])))[0].acr
        for one in (weak, trusted)
    ]
    assert levels == ["aal1", "aal2"]


async def test_a_client_s_people_come_through_it(clinic: Clinic) -> None:
    """From the hosted page to the SAML provider, back without cookies, and on to the client."""
    federation = clinic.federation
    await federation.change(clinic.id, domains=["clinic.test"])
    assert (await federation.own(clinic.id, "clinic.test")).status_code == 201
    admin = await admin_of(federation.world, federation.organization_id)
    app = await registered(federation.world, admin, organization_id=federation.organization_id)
    browser = Browser(federation.world, "ann@clinic.test", "whatever it is")
    page = await browser.sign_in(await browser.visit(request_of(app, max_age="600")))
    link = re.search(r'<a href="([^"]+)"', page.text)
    assert link, page.text
    away = await browser.get(unescape(link[1]))
    request, _ = clinic.idp.asked(away.headers["location"])
    assert request.force_authn == "true"
    back = await browser.get(await clinic.finishing(clinic.idp.answered(away.headers["location"])))
    answer = told(await browser.through(await browser.follow(back)))
    said = await claims(federation.world, (await redeem(federation.world, app, answer["code"])).json()["id_token"])
    assert (said["amr"], said["aud"]) == (["fed"], app.client_id)
