"""Operations that change credentials ask for a recent, strong sign-in (RFC 9470)."""

import time
from typing import Any
from uuid import UUID

import httpx
import pytest
from authenticators import code, with_authenticator
from devices import Device, challenge, with_passkey
from identity_world import PASSWORD, World, codes
from joserfc.util import json_b64decode
from testkit.client import Client


def claims(token: str) -> dict[str, Any]:
    found = json_b64decode(token.split(".")[1].encode())
    assert isinstance(found, dict)
    return found


def asked(answer: httpx.Response) -> str:
    assert (answer.status_code, codes(answer)) == (401, ["insufficient-user-authentication"])
    return answer.headers["www-authenticate"]


async def aged(world: World, tokens: dict[str, Any], seconds: int = 1000) -> Client:
    """The client of a session whose sign-in was some time ago: its token and its row say so."""
    moved = "UPDATE sessions SET auth_time = auth_time - :past * interval '1 second' WHERE id = CAST(:id AS uuid)"
    await world.rows(moved, past=seconds, id=tokens["session-id"])
    return world.bearer((await world.refresh(tokens["refresh-token"])).json()["access-token"])


async def test_tokens_tell_when_and_how_and_refreshing_changes_neither(world: World) -> None:
    tokens = await world.signed_in()
    first = claims(tokens["access-token"])
    assert (first["acr"], first["amr"]) == ("aal1", ["pwd"])
    assert abs(first["auth_time"] - time.time()) < 60
    assert claims(tokens["id-token"])["auth_time"] == first["auth_time"]
    me = await aged(world, tokens, 100)
    later = claims(me.headers["authorization"].split()[1])
    assert (later["auth_time"], later["acr"]) == (first["auth_time"] - 100, "aal1")


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/v1/users/{user}/change-email/", {"email": "new@example.org"}),
        ("/v1/users/{user}/confirm-phone/", {"phone-number": "+12015550123"}),
        ("/v1/passkeys/registration-options/", None),
    ],
    ids=["e-mail", "phone", "passkey"],
)
async def test_an_old_sign_in_does_not_do(world: World, path: str, body: Any) -> None:
    tokens = await world.signed_in()
    me = await aged(world, tokens)
    answer = await me.post(path.format(user=tokens["user-id"]), json=body)
    told = asked(answer)
    assert told.startswith('Bearer realm="muster", error="insufficient_user_authentication"')
    assert 'acr_values="aal1", max_age="900"' in told
    again = f"/v1/sessions/{tokens['session-id']}/reauthenticate/"
    assert (await me.post(again, json={"password": PASSWORD})).status_code == 201
    answer = await me.post(path.format(user=tokens["user-id"]), json=body)
    assert answer.status_code == 201, answer.text


async def test_one_factor_does_not_do_where_an_authenticator_is_on(world: World) -> None:
    person = await with_authenticator(world)
    weak = world.client.as_(user_id=UUID(person.user_id), acr="aal1", amr=["pwd"])
    told = asked(await weak.post(f"/v1/mfa-totp/{person.totp_id}/disable/", json={"password": PASSWORD}))
    assert 'acr_values="aal2"' in told
    assert asked(await weak.post("/v1/passkeys/registration-options/"))
    off = await person.me.post(f"/v1/mfa-totp/{person.totp_id}/disable/", json={"password": PASSWORD})
    assert off.status_code == 201, "who has just enabled it has shown both factors"


async def test_reauthenticating_takes_what_signing_in_takes(world: World) -> None:
    person = await with_authenticator(world)
    tokens = (await world.sign_in(person.username, totp_code=code(person.secret, 1))).json()
    me = await aged(world, tokens)
    path = f"/v1/sessions/{tokens['session-id']}/reauthenticate/"
    assert codes(await me.post(path, json={})) == ["required"]
    assert codes(await me.post(path, json={"password": "wrong-Horse-battery-7"})) == ["wrong-password"]
    assert codes(await me.post(path, json={"password": PASSWORD})) == ["totp-required"]
    wrong = {"password": PASSWORD, "totp-code": "000000"}
    assert codes(await me.post(path, json=wrong)) == ["invalid-totp-code"]
    assert asked(await me.post("/v1/passkeys/registration-options/"))
    right = {"password": PASSWORD, "totp-code": person.recovery_codes[0]}
    answer = await me.post(path, json=right)
    assert answer.status_code == 201, answer.text
    told = claims(answer.json()["access-token"])
    assert (told["acr"], told["sid"]) == ("aal2", tokens["session-id"])
    assert told["auth_time"] > claims(me.headers["authorization"].split()[1])["auth_time"]
    assert (await me.post("/v1/passkeys/registration-options/")).status_code == 201


async def test_a_passkey_is_enough_to_reauthenticate(world: World) -> None:
    tokens, device = await world.signed_in(), Device()
    await with_passkey(world.bearer(tokens["access-token"]), device)
    me = await aged(world, tokens)
    path = f"/v1/sessions/{tokens['session-id']}/reauthenticate/"
    answer = await me.post(path, json={"passkey": device.sign(await challenge(world))})
    assert answer.status_code == 201, answer.text
    assert claims(answer.json()["access-token"])["amr"] == ["hwk", "user", "mfa"]
    assert (await me.post("/v1/passkeys/registration-options/")).status_code == 201


async def test_only_the_running_session_is_shown_again(world: World) -> None:
    tokens, other = await world.signed_in(), await world.signed_in()
    me = world.bearer(tokens["access-token"])
    elsewhere = f"/v1/sessions/{other['session-id']}/reauthenticate/"
    assert (await me.post(elsewhere, json={"password": PASSWORD})).status_code == 404
    noted = "SELECT count(*) AS n FROM audit_events WHERE action = 'reauthenticated'"
    assert (await world.rows(noted))[0].n == 0


async def test_a_token_that_says_nothing_is_an_old_one(world: World) -> None:
    _, user_id = await world.confirmed()
    silent = world.client.as_(user_id=user_id, auth_time=None, acr=None)
    assert asked(await silent.post("/v1/passkeys/registration-options/"))
