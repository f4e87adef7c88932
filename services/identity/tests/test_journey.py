"""A person from the first visit to the last."""

from contracts.identity import SessionEnded, SessionStarted, UserConfirmed, UserCreated
from identity_world import PASSWORD, World, email


async def test_sign_up_confirm_sign_in_refresh_sign_out(world: World) -> None:
    username = email()
    assert (await world.sign_up(username)).json() == {"account-type": "patient"}
    sent = await world.message("sign-up-code")
    assert sent["recipient"] == username
    assert len(sent["variables"]["code"]) == 8

    confirmed = await world.confirm(username, sent["variables"]["code"])
    assert confirmed.status_code == 201, confirmed.text
    assert confirmed.json() == {"account-type": "patient"}

    answer = await world.sign_in(username)
    assert answer.status_code == 201, answer.text
    tokens = answer.json()
    assert tokens["username"] == username
    assert tokens["organizations"] == [str(world.orgs.organization_id)]
    assert tokens["individual"] is not None

    me = world.bearer(tokens["access-token"])
    user_id = tokens["user-id"]
    shown = (await me.get(f"/v1/users/{user_id}/")).json()["data"]["attributes"]
    assert (shown["first-name"], shown["state"], shown["email-verified"]) == ("Ada", "confirmed", True)
    assert PASSWORD not in str(shown)

    refreshed = await world.refresh(tokens["refresh-token"])
    assert refreshed.status_code == 201, refreshed.text
    again = world.bearer(refreshed.json()["access-token"])
    assert (await again.post("/v1/authenticate/", json={})).json()["data"]["user-id"] == user_id
    assert (await again.post("/v1/logout/", json={})).status_code == 201
    assert (await world.refresh(refreshed.json()["refresh-token"])).status_code == 401
    assert (await again.post("/v1/authenticate/", json={})).status_code == 401

    kinds = [type(event) for event in await world.events()]
    for kind in (UserCreated, UserConfirmed, SessionStarted, SessionEnded):
        assert kinds.count(kind) == 1
