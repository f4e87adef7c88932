"""Devices without a keyboard (RFC 8628)."""

from typing import Any

from identity_world import World
from openid_world import DEVICE, App, Browser, person, registered
from testkit.races import race

TELEVISION = {"grant_types": [DEVICE, "refresh_token"], "token_endpoint_auth_method": "none"}


async def begun(world: World, app: App) -> Any:
    answer = await world.client.post(
        "/oauth2/device_authorization", data={"client_id": app.client_id, "scope": "openid offline_access"}
    )
    assert answer.status_code == 200, answer.text
    return answer.json()


async def polled(world: World, app: App, device_code: str) -> Any:
    form = {"grant_type": DEVICE, "device_code": device_code, "client_id": app.client_id}
    return await world.client.post("/oauth2/token", data=form)


async def test_a_device(world: World) -> None:
    app, browser = await registered(world, **TELEVISION, redirect_uris=[]), await person(world)
    asked = await begun(world, app)
    assert (await polled(world, app, asked["device_code"])).json()["error"] == "authorization_pending"
    page = await browser.get(asked["verification_uri_complete"])
    assert f'value="{asked["user_code"]}"' in page.text
    done = await browser.submit(page, user_code=asked["user_code"].lower().replace("-", " "))
    while "Sign in" in done.text or "asks for access" in done.text:
        done = await (browser.sign_in(done) if "Sign in" in done.text else browser.submit(done))
    assert "The device is connected" in done.text
    await world.rows("UPDATE oauth2_device_codes SET next_poll_at = now()")
    got = await polled(world, app, asked["device_code"])
    assert got.status_code == 200, got.text
    assert {"access_token", "refresh_token", "id_token"} <= set(got.json())
    again = await polled(world, app, asked["device_code"])
    assert again.json()["error"] == "invalid_grant"


async def test_a_device_that_asks_too_often(world: World) -> None:
    app = await registered(world, **TELEVISION, redirect_uris=[])
    asked = await begun(world, app)
    errors = [(await polled(world, app, asked["device_code"])).json()["error"] for _ in range(3)]
    assert errors == ["authorization_pending", "slow_down", "slow_down"]
    assert (await world.rows('SELECT "interval" FROM oauth2_device_codes'))[0].interval == asked["interval"] + 10
    await world.rows("UPDATE oauth2_device_codes SET expires_at = now()")
    assert (await polled(world, app, asked["device_code"])).json()["error"] == "expired_token"
    other = await registered(world, app.admin, **TELEVISION, redirect_uris=[])
    assert (await polled(world, other, asked["device_code"])).json()["error"] == "invalid_grant"
    assert (await polled(world, app, "unknown")).json()["error"] == "invalid_grant"
    people = await registered(world, app.admin, token_endpoint_auth_method="none")
    refused = await world.client.post("/oauth2/device_authorization", data={"client_id": people.client_id})
    assert refused.json()["error"] == "unauthorized_client"


async def test_a_device_that_is_refused(world: World) -> None:
    app, browser = await registered(world, **TELEVISION, redirect_uris=[]), await person(world)
    asked = await begun(world, app)
    page = await browser.get("/oauth2/device")
    wrong = await browser.submit(page, user_code="BBBB-BBBB")
    assert (wrong.status_code, "No device waits" in wrong.text) == (400, True)
    page = await browser.sign_in(await browser.submit(wrong, user_code=asked["user_code"]))
    assert "The device was not connected" in (await browser.submit(page, answer="cancel")).text
    assert (await polled(world, app, asked["device_code"])).json()["error"] == "access_denied"
    foreign = await Browser(world).post("/oauth2/device", data={"user_code": asked["user_code"]})
    assert foreign.status_code == 403


async def test_a_device_gets_its_tokens_once(live_world: World) -> None:
    app, browser = await registered(live_world, **TELEVISION, redirect_uris=[]), await person(live_world)
    asked = await begun(live_world, app)
    page = await browser.submit(await browser.get("/oauth2/device"), user_code=asked["user_code"])
    await browser.submit(await browser.sign_in(page))
    answers = await race(lambda _: polled(live_world, app, asked["device_code"]), 6)
    assert sorted(answer.status_code for answer in answers) == [200, 400, 400, 400, 400, 400]
