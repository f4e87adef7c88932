"""Ways to sign in on the page beside a password: a passkey, and the organization's own sign-in."""

import json
import re
from html import unescape
from typing import Any

import httpx
import pytest
from authenticators import pair
from devices import Device, challenge, with_passkey
from identity_world import PASSWORD, World
from openid_world import HIDDEN, Browser, claims, redeem, registered, request_of, told
from upstreams import Federation


async def someone(world: World) -> tuple[Browser, Device, Any]:
    """Somebody with a passkey, their device and a client with their token."""
    username, _ = await world.confirmed()
    me = world.bearer((await world.sign_in(username)).json()["access-token"])
    device = Device()
    await with_passkey(me, device)
    return Browser(world, username), device, me


async def give(browser: Browser, page: httpx.Response, credential: Any) -> httpx.Response:
    """Post what the page's script would."""
    form = dict(HIDDEN.findall(page.text)) | {"credential": credential}
    return await browser.follow(await browser.post("/oauth2/passkey", data=form))


async def signed(world: World, device: Device) -> str:
    return json.dumps(device.sign(await challenge(world)))


async def test_a_passkey_alone(world: World) -> None:
    app = await registered(world)
    browser, device, _ = await someone(world)
    page = await browser.visit(request_of(app))
    assert 'action="/oauth2/passkey" id="passkey"' in page.text
    assert "connect-src 'self'" in page.headers["content-security-policy"]
    consent = await give(browser, page, await signed(world, device))
    assert "asks for access" in consent.text
    code = told(await browser.through(consent))["code"]
    said = await claims(world, (await redeem(world, app, code)).json()["id_token"])
    assert (said["acr"], said["amr"]) == ("aal2", ["hwk", "user", "mfa"])


async def test_what_was_signed_counts_once(world: World) -> None:
    app = await registered(world)
    browser, device, _ = await someone(world)
    credential = await signed(world, device)
    assert "asks for access" in (await give(browser, await browser.visit(request_of(app)), credential)).text
    other = Browser(world)
    again = await give(other, await other.visit(request_of(app)), credential)
    assert (again.status_code, "The passkey does not count here." in again.text) == (401, True)
    assert "asks for access" in (await give(other, again, await signed(world, device))).text


@pytest.mark.parametrize("credential", ["", "[]", "{", "{}", '{"response": 1}', "null"], ids=repr)
async def test_what_is_no_credential(world: World, credential: str) -> None:
    app, browser = await registered(world), Browser(world)
    answer = await give(browser, await browser.visit(request_of(app)), credential)
    assert (answer.status_code, 'role="alert"' in answer.text) == (401, True)


async def test_a_form_of_another_site(world: World) -> None:
    app = await registered(world)
    browser, device, _ = await someone(world)
    page = await browser.visit(request_of(app))
    form = dict(HIDDEN.findall(page.text)) | {"credential": await signed(world, device), "csrf": "0" * 64}
    assert (await browser.post("/oauth2/passkey", data=form)).status_code == 403


async def test_a_passkey_as_second_factor(world: World) -> None:
    app = await registered(world)
    browser, device, me = await someone(world)
    made = (await me.post("/v1/mfa-totp/", json={})).json()["data"]
    enabling = {"codes": pair(made["attributes"]["secret"]["shared-secret-key"]), "password": PASSWORD}
    assert (await me.post(f"/v1/mfa-totp/{made['id']}/enable/", json=enabling)).status_code == 201
    page = await browser.sign_in(await browser.visit(request_of(app)))
    assert "One more step" in page.text
    _, another, _ = await someone(world)
    theirs = await give(browser, page, await signed(world, another))
    assert (theirs.status_code, "One more step" in theirs.text) == (401, True)
    consent = await give(browser, theirs, await signed(world, device))
    code = told(await browser.through(consent))["code"]
    said = await claims(world, (await redeem(world, app, code)).json()["id_token"])
    assert (said["acr"], said["amr"]) == ("aal2", ["pwd", "hwk", "user", "mfa"])


async def test_the_organizations_own_sign_in(world: World, federation: Federation, upstream: str) -> None:
    app, browser = await registered(world), Browser(world)
    page = await browser.visit(request_of(app))
    assert 'value="organization"' not in page.text
    provider = await federation.oidc(upstream, domains=["clinic.test"])
    assert (await federation.own(provider["id"], "clinic.test")).is_success
    page = await browser.visit(request_of(app))
    assert 'value="organization"' in page.text
    led = await browser.submit(page, username="Ann@Clinic.test", password="", answer="organization")
    link = re.search(r'<a href="([^"]+)"', led.text)
    assert link
    away = await browser.get(unescape(link[1]))
    assert (away.status_code, away.headers["location"].startswith(upstream)) == (303, True)
    for nobody in ("ann@elsewhere.test", "ann", "", "@", "a" * 3000):
        answer = await browser.submit(page, username=nobody, password="", answer="organization")
        assert (answer.status_code, "No organization signs its people in" in answer.text) == (400, True)


async def test_a_passkey_of_people_who_sign_in_elsewhere(world: World, federation: Federation, upstream: str) -> None:
    app = await registered(world)
    browser, device, _ = await someone(world)
    domain = browser.username.partition("@")[2]
    provider = await federation.oidc(upstream, domains=[domain])
    await world.rows("UPDATE identity_provider_domains SET verified_at = now() WHERE domain = :domain", domain=domain)
    led = await give(browser, await browser.visit(request_of(app)), await signed(world, device))
    assert "Sign in at your organization" in led.text
    assert provider["id"] in led.text
