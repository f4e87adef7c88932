"""Signing in to a client through the organization's own identity provider, from the hosted page."""

import re
from html import unescape

from identity_world import World
from openid_world import Browser, admin_of, claims, redeem, registered, request_of, told
from upstreams import Federation, at_upstream


async def test_people_of_a_domain_are_led_to_their_own_provider(
    world: World, federation: Federation, upstream: str
) -> None:
    provider = await federation.oidc(upstream, domains=["clinic.test"], **{"just-in-time": True})
    assert (await federation.own(provider["id"], "clinic.test")).is_success
    admin = await admin_of(world, federation.organization_id)
    app = await registered(world, admin, organization_id=federation.organization_id)
    browser = Browser(world, "ann@clinic.test", "whatever it is")
    page = await browser.sign_in(await browser.visit(request_of(app)))
    assert "Sign in at your organization" in page.text
    link = re.search(r'<a href="([^"]+)"', page.text)
    assert link
    away = await browser.get(unescape(link[1]))
    back = await browser.get(await at_upstream(away.headers["location"], "ann"))
    answer = told(await browser.through(await browser.follow(back)))
    said = await claims(world, (await redeem(world, app, answer["code"])).json()["id_token"])
    assert "pwd" not in said["amr"]
    assert said["aud"] == app.client_id
