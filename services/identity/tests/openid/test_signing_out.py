"""Signing out: asked by clients, by people, and told to clients."""

import asyncio
from typing import Any

from identity.openid.signing_out.notices import tell
from identity_world import NEW_PASSWORD, PASSWORD, World
from joserfc import jwt
from openid_servers import serving
from openid_world import (
    App,
    Browser,
    coded,
    exchange,
    keys,
    lives,
    person,
    redeem,
    registered,
    request_of,
    tokens,
    told,
)

AFTER = "https://app.example/bye"


async def ending(browser: Browser, **parameters: Any) -> Any:
    return await browser.get("/oauth2/end-session", params=parameters)


async def signed_in(world: World, browser: Browser, app: App) -> bool:
    return told(await browser.visit(request_of(app, prompt="none"))).get("error") != "login_required"


async def test_with_a_hint_it_happens_at_once(world: World) -> None:
    app, browser = await registered(world, post_logout_redirect_uris=[AFTER]), await person(world)
    got = await tokens(world, app, browser, scope="openid")
    answer = await ending(browser, id_token_hint=got["id_token"], post_logout_redirect_uri=AFTER, state="s")
    assert (answer.status_code, answer.headers["location"]) == (303, f"{AFTER}?state=s")
    assert not await lives(world, got["access_token"])
    assert not await signed_in(world, browser, app)


async def test_nothing_is_lent_beside_signing_out(live_world: World) -> None:
    app = await registered(live_world)
    for _ in range(5):
        browser = await person(live_world)
        first = await tokens(live_world, app, browser, scope="openid")
        code = await coded(live_world, app, browser, scope="openid")
        got, ended = await asyncio.gather(
            redeem(live_world, app, code), ending(browser, id_token_hint=first["id_token"])
        )
        assert ended.status_code == 303
        assert got.status_code == 400 or not await lives(live_world, got.json()["access_token"])


async def test_ending_the_sign_in_as_a_device_ends_what_it_lent(world: World) -> None:
    app, browser = await registered(world), await person(world)
    online = await tokens(world, app, browser, scope="openid")
    offline = await tokens(world, app, browser)
    me = world.bearer((await world.sign_in(browser.username)).json()["access-token"])
    (row,) = await world.rows("SELECT session_id FROM browser_sessions")
    assert (await me.delete(f"/v1/sessions/{row.session_id}/")).status_code == 204
    assert not await lives(world, online["access_token"])
    assert await lives(world, offline["access_token"])
    assert not await signed_in(world, browser, app)


async def test_addresses_afterwards_match_exactly(world: World) -> None:
    app, browser = await registered(world, post_logout_redirect_uris=[AFTER]), await person(world)
    for address in (f"{AFTER}/", "https://evil.example/bye", "https://app.example/callback", f"{AFTER}?x"):
        got = await tokens(world, app, browser)
        answer = await ending(browser, id_token_hint=got["id_token"], post_logout_redirect_uri=address)
        assert answer.headers["location"] == "/oauth2/signed-out"


async def test_without_a_hint_the_person_is_asked(world: World) -> None:
    app, browser = await registered(world, post_logout_redirect_uris=[AFTER]), await person(world)
    got = await tokens(world, app, browser, scope="openid")
    page = await ending(browser, client_id=app.client_id, post_logout_redirect_uri=AFTER)
    assert "Do you want to sign out?" in page.text
    stayed = await browser.submit(page, answer="cancel")
    assert "still signed in" in stayed.text
    assert await signed_in(world, browser, app)
    forged = await browser.submit(page, return_to="https://evil.example/")
    assert (forged.status_code, "You are signed out" in forged.text) == (200, True)
    again = await tokens(world, app, browser)
    page = await ending(browser, client_id=app.client_id, post_logout_redirect_uri=AFTER)
    assert (await browser.submit(page)).headers["location"] == AFTER
    assert not await lives(world, got["access_token"])
    assert await lives(world, again["access_token"])
    foreign = await Browser(world).post("/oauth2/sign-out", data={"answer": "go"})
    assert foreign.status_code == 403
    assert "You are signed out" in (await Browser(world).follow(await ending(Browser(world)))).text


async def test_hints_that_do_not_count(world: World) -> None:
    app, browser, other = await registered(world), await person(world), await person(world)
    mine, theirs = await tokens(world, app, browser), await tokens(world, app, other)
    for hint in ("x", mine["access_token"]):
        assert (await ending(browser, id_token_hint=hint)).status_code == 400
    stranger = await registered(world, app.admin)
    assert (await ending(browser, id_token_hint=mine["id_token"], client_id=stranger.client_id)).status_code == 400
    assert "Do you want to sign out?" in (await ending(browser, id_token_hint=theirs["id_token"])).text
    assert await signed_in(world, browser, app)
    posted = await browser.post("/oauth2/end-session", data={"id_token_hint": mine["id_token"]})
    assert posted.status_code == 303
    assert not await signed_in(world, browser, app)


async def test_clients_hear_of_it(world: World) -> None:
    async with serving(world) as server:
        app = await registered(world, backchannel_logout_uri=f"{server.url}/logout")
        browser = await person(world)
        online = await tokens(world, app, browser, scope="openid")
        offline = await tokens(world, app, browser)
        await tell(world.runtime)
        assert server.logouts == []
        await ending(browser, id_token_hint=online["id_token"])
        await tell(world.runtime)
        decoded = [jwt.decode(token, await keys(world), algorithms=["ES256"]) for token in server.logouts]
        assert {one.header["typ"] for one in decoded} == {"logout+jwt"}
        said = [one.claims for one in decoded]
        sids = {
            jwt.decode(got["id_token"], await keys(world), algorithms=["ES256"]).claims["sid"]
            for got in (online, offline)
        }
        assert {one["sid"] for one in said} == sids
        assert all(one["aud"] == app.client_id and "nonce" not in one for one in said)
        assert all("http://schemas.openid.net/event/backchannel-logout" in one["events"] for one in said)
        assert (
            await exchange(world, app, grant_type="refresh_token", refresh_token=offline["refresh_token"])
        ).is_success
        await tell(world.runtime)
        assert len(server.logouts) == 2


async def test_a_client_that_is_away_hears_of_it_later(world: World) -> None:
    async with serving(world) as server:
        app = await registered(world, backchannel_logout_uri=f"{server.url}/logout")
        browser = await person(world)
        await tokens(world, app, browser)
        me = world.bearer((await world.sign_in(browser.username)).json()["access-token"])
        user_id = await world.user_id(browser.username)
        changed = await me.post(
            f"/v1/users/{user_id}/change-password/", json={"old-password": PASSWORD, "new-password": NEW_PASSWORD}
        )
        assert changed.status_code == 201, changed.text
        server.status = 503
        await tell(world.runtime)
        await tell(world.runtime)
        assert len(server.logouts) == 1
        (row,) = await world.rows(
            "SELECT attempts, outcome, ended_at, next_attempt_at > now() AS later FROM oauth2_logouts"
        )
        assert (row.attempts, row.outcome, row.ended_at, row.later) == (1, "status-503", None, True)
        server.status = 204
        await world.rows("UPDATE oauth2_logouts SET next_attempt_at = now()")
        await tell(world.runtime)
        (row,) = await world.rows("SELECT outcome, ended_at FROM oauth2_logouts")
        assert (row.outcome, row.ended_at is not None) == ("delivered", True)


async def test_after_a_day_nobody_tries_any_more(world: World) -> None:
    async with serving(world) as server:
        app = await registered(world, backchannel_logout_uri=f"{server.url}/logout")
        got = await tokens(world, app)
        server.status = 400
        await world.client.post("/oauth2/revoke", data={"token": got["refresh_token"]}, auth=app.basic)
        await tell(world.runtime)
        await world.rows("UPDATE oauth2_logouts SET created_at = now() - interval '2 days', next_attempt_at = now()")
        await tell(world.runtime)
        (row,) = await world.rows("SELECT outcome, ended_at FROM oauth2_logouts")
        assert (row.outcome, row.ended_at is not None) == ("status-400", True)
