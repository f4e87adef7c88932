"""The pages themselves: what they let other sites do with them (nothing), and what they give away (nothing)."""

import re
from urllib.parse import urlsplit

import pytest
from identity_world import World
from openid_world import CALLBACK, HIDDEN, Browser, person, registered, request_of, told


async def test_pages_are_closed(world: World) -> None:
    app, browser = await registered(world), await person(world)
    page = await browser.visit(request_of(app))
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert policy.count("script-src") == policy.count("script-src 'sha256-") == page.text.count("<script>") == 1
    assert "frame-ancestors 'none'" in policy
    assert "form-action 'self' https://app.example;" in policy
    assert page.headers["x-frame-options"] == "DENY"
    assert page.headers["referrer-policy"] == "no-referrer"
    assert page.headers["cache-control"] == "no-store"
    assert not re.search(r'(src|href)="https?:', page.text)


async def test_cookies(world: World) -> None:
    app, browser = await registered(world), await person(world)
    arrived = await browser.get("/oauth2/authorize", params=request_of(app))
    (first,) = arrived.headers.get_list("set-cookie")
    assert first.startswith("mst_browser=")
    page = await browser.follow(arrived)
    form = dict(re.findall(r'name="(interaction|csrf)" value="([^"]*)"', page.text))
    sent = {**form, "username": browser.username, "password": browser.password, "answer": "go"}
    signed_in = await browser.post("/oauth2/sign-in", data=sent)
    for cookie in signed_in.headers.get_list("set-cookie"):
        assert "HttpOnly" in cookie
        assert "samesite=lax" in cookie.lower()
    assert signed_in.status_code == 303


@pytest.mark.parametrize("wrong", [{"csrf": "0" * 64}, {"csrf": ""}], ids=["another", "none"])
async def test_forms_of_other_sites(world: World, wrong: dict[str, str]) -> None:
    app, browser = await registered(world), await person(world)
    page = await browser.visit(request_of(app))
    answer = await browser.submit(page, username=browser.username, password=browser.password, **wrong)
    assert (answer.status_code, "foreign-form" in answer.text) == (403, True)
    consent = await browser.sign_in(page)
    assert (await browser.submit(consent, **wrong)).status_code == 403


async def test_the_origin_is_looked_at(world: World) -> None:
    app, browser = await registered(world), await person(world)
    page = await browser.visit(request_of(app))
    browser.headers["origin"] = "https://evil.example"
    assert (await browser.sign_in(page)).status_code == 403
    browser.headers["origin"] = "http://muster.test"
    assert (await browser.sign_in(page)).status_code == 200


async def test_every_failed_sign_in_looks_alike(world: World) -> None:
    app, browser = await registered(world), await person(world)
    disabled, _ = await world.confirmed()
    await world.rows("UPDATE users SET state = 'disabled' WHERE username = :n", n=disabled)
    bodies = set()
    for username, password in (("nobody@x.test", "x"), (browser.username, "wrong"), (disabled, browser.password)):
        page = await browser.visit(request_of(app))
        answer = await browser.submit(page, username=username, password=password)
        assert answer.status_code == 401
        own = [username, *(value for _, value in HIDDEN.findall(answer.text))]
        bodies.add(re.sub("|".join(map(re.escape, own)), "", answer.text))
    assert len(bodies) == 1


async def test_pages_of_steps_that_are_not_due_lead_on(world: World) -> None:
    app, browser = await registered(world), await person(world)
    page = await browser.visit(request_of(app))
    identifier = page.url.params["interaction"]
    for name in ("consent", "second-factor", "documents"):
        answer = await browser.follow(await browser.get(f"/oauth2/{name}?interaction={identifier}"))
        assert "Sign in to" in answer.text
    skipped = dict(re.findall(r'name="(interaction|csrf)" value="([^"]*)"', page.text))
    assert (
        "Sign in to"
        in (await browser.follow(await browser.post("/oauth2/consent", data=skipped | {"answer": "go"}))).text
    )
    assert "Sign in to" in (await browser.follow(await browser.post("/oauth2/documents", data=skipped))).text


async def test_codes_go_to_the_registered_address_only(world: World) -> None:
    app, browser = await registered(world), await person(world)
    answer = await browser.through(await browser.visit(request_of(app)))
    assert answer.headers["location"].startswith(f"{CALLBACK}?")
    assert urlsplit(answer.headers["location"]).netloc == "app.example"
    assert "code" in told(answer)


async def test_a_name_is_text(world: World) -> None:
    app = await registered(world, name="<b>Care</b> & Co")
    page = await Browser(world).visit(request_of(app))
    assert "&lt;b&gt;Care&lt;/b&gt; &amp; Co" in page.text
    assert "<b>" not in page.text


async def test_sign_ins_are_throttled(world: World) -> None:
    app, browser = await registered(world), await person(world)
    page = await browser.visit(request_of(app))
    await world.rows("UPDATE throttles SET full_at = full_at + interval '1 day'")
    await world.sign_in(browser.username, "wrong")
    await world.rows("UPDATE throttles SET full_at = full_at + interval '1 day'")
    answer = await browser.sign_in(page)
    assert answer.status_code == 429
    assert int(answer.headers["retry-after"]) > 0
    assert "text/html" in answer.headers["content-type"]
