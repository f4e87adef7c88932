"""Signing in by a passkey, alone and beside a password."""

from typing import Any

import pytest
from authenticators import with_authenticator
from contracts.identity import PasskeySuspended
from devices import PATH, Device, challenge, sign_in, with_passkey
from identity_world import World, codes
from joserfc.util import json_b64decode
from testkit.races import race


def claims(token: str) -> dict[str, Any]:
    found = json_b64decode(token.split(".")[1].encode())
    assert isinstance(found, dict)
    return found


async def someone(world: World) -> tuple[dict[str, Any], Device, str]:
    """Somebody with a passkey: their tokens, the device and the passkey's id."""
    tokens, device = await world.signed_in(), Device()
    return tokens, device, await with_passkey(world.bearer(tokens["access-token"]), device)


async def test_signing_in_without_a_name(world: World) -> None:
    tokens, device, passkey = await someone(world)
    options = await challenge(world)
    assert (options["rpId"], options["userVerification"]) == ("muster.test", "required")
    assert options.get("allowCredentials", []) == []
    answer = await sign_in(world, device.sign(options))
    assert answer.status_code == 201, answer.text
    assert answer.json()["user-id"] == tokens["user-id"]
    told = claims(answer.json()["access-token"])
    assert (told["acr"], told["amr"]) == ("aal2", ["hwk", "user", "mfa"])
    assert 0 <= told["iat"] - told["auth_time"] <= 30
    assert "mst_device=" in answer.headers["set-cookie"]
    assert answer.headers["cache-control"] == "no-store"
    shown = (await world.bearer(answer.json()["access-token"]).get(PATH)).json()["data"][0]
    assert (shown["id"], shown["attributes"]["last-used"] is not None) == (passkey, True)


async def test_what_was_signed_counts_once(world: World) -> None:
    _, device, passkey = await someone(world)
    signed = device.sign(await challenge(world))
    assert (await sign_in(world, signed)).status_code == 201
    again = await sign_in(world, signed)
    assert (again.status_code, codes(again)) == (401, ["invalid-passkey"])
    (noted,) = await world.rows("SELECT actor, target FROM audit_events WHERE action = 'passkey-refused'")
    assert tuple(noted) == ("anonymous", f"passkeys:{passkey}")
    unasked = device.sign((await challenge(world)) | {"challenge": "AAAA"})
    assert codes(await sign_in(world, unasked)) == ["invalid-passkey"]


async def test_of_many_replays_one_counts(live_world: World) -> None:
    _, device, _ = await someone(live_world)
    signed = device.sign(await challenge(live_world))

    async def attempt(_: int) -> int:
        return (await sign_in(live_world, signed)).status_code

    assert sorted(await race(attempt, 8)) == [201] + [401] * 7


@pytest.mark.parametrize("where", ["origin", "party", "user", "key", "handle", "garbage"])
async def test_whatever_does_not_count_answers_alike(world: World, where: str) -> None:
    _, device, _ = await someone(world)
    options = await challenge(world)
    match where:
        case "origin":
            device.origin = "http://muster.test.elsewhere.test"
        case "party":
            device.rp_id, options = "elsewhere.test", options | {"rpId": "elsewhere.test"}
        case "user":
            device.verifies = False
        case "key":
            stranger = Device()
            stranger.cred_init(device.rp_id, device.user_handle)
            stranger.credential_id, device = device.credential_id, stranger
        case "handle":
            device.user_handle = b"somebody else's"
        case _:
            assert codes(await sign_in(world, {"rawId": "e30", "response": {}})) == ["invalid-passkey"]
            device.credential_id = b"unknown"
    answer = await sign_in(world, device.sign(options))
    assert (answer.status_code, codes(answer)) == (401, ["invalid-passkey"])
    assert answer.json()["errors"][0]["detail"] == "The passkey does not count here."


async def test_a_removed_one_lets_nobody_in(world: World) -> None:
    tokens, device, passkey = await someone(world)
    assert (await world.bearer(tokens["access-token"]).delete(f"{PATH}{passkey}/")).status_code == 204
    assert codes(await sign_in(world, device.sign(await challenge(world)))) == ["invalid-passkey"]


async def test_a_disabled_person_does_not_get_in(world: World) -> None:
    tokens, device, _ = await someone(world)
    await world.client.as_operator().post(f"/v1/users/{tokens['user-id']}/disable/", json={})
    assert codes(await sign_in(world, device.sign(await challenge(world)))) == ["invalid-passkey"]


async def test_a_count_that_goes_back_is_an_alarm(world: World) -> None:
    _, device, passkey = await someone(world)
    device.sign_count = 10
    assert (await sign_in(world, device.sign(await challenge(world)))).status_code == 201
    device.sign_count = 4
    assert codes(await sign_in(world, device.sign(await challenge(world)))) == ["invalid-passkey"]
    assert [str(event.passkey_id) for event in await world.events(PasskeySuspended)] == [passkey]
    assert await world.message("passkey-suspended")
    noted = await world.rows("SELECT action FROM audit_events WHERE target = :it", it=f"passkeys:{passkey}")
    assert "passkey-suspended" in {row.action for row in noted}
    device.sign_count = 100
    assert codes(await sign_in(world, device.sign(await challenge(world)))) == ["invalid-passkey"]


async def test_nobody_without_the_key_raises_the_alarm(world: World) -> None:
    _, device, _ = await someone(world)
    device.sign_count = 10
    assert (await sign_in(world, device.sign(await challenge(world)))).status_code == 201
    thief = Device()
    thief.cred_init(device.rp_id, device.user_handle)
    thief.credential_id = device.credential_id
    assert codes(await sign_in(world, thief.sign(await challenge(world)))) == ["invalid-passkey"]
    assert await world.events(PasskeySuspended) == []
    assert (await sign_in(world, device.sign(await challenge(world)))).status_code == 201


async def test_it_stands_in_for_the_authenticators_code(world: World) -> None:
    person, device = await with_authenticator(world), Device()
    await with_passkey(person.me, device)
    assert codes(await world.sign_in(person.username)) == ["totp-required"]
    signed = device.sign(await challenge(world))
    wrong = await world.sign_in(person.username, "wrong-Horse-battery-7", passkey=signed)
    assert codes(wrong) == ["invalid-credentials"]
    answer = await world.sign_in(person.username, passkey=signed)
    assert answer.status_code == 201, answer.text
    told = claims(answer.json()["access-token"])
    assert (told["acr"], told["amr"]) == ("aal2", ["pwd", "hwk", "user", "mfa"])
    assert codes(await world.sign_in(person.username, passkey=signed)) == ["invalid-passkey"]


async def test_another_persons_passkey_is_no_second_factor(world: World) -> None:
    person = await with_authenticator(world)
    _, device, _ = await someone(world)
    signed = device.sign(await challenge(world))
    assert codes(await world.sign_in(person.username, passkey=signed)) == ["invalid-passkey"]


async def test_an_answer_is_good_for_the_agreements_that_were_missing(world: World) -> None:
    _, device, _ = await someone(world)
    attributes = {"version": "1", "title": "Terms", "html": "<p>x</p>", "type": "terms"}
    body = {"data": {"type": "service-documents", "attributes": attributes}}
    made = await world.client.as_operator().post("/v1/service-documents/", json=body)
    assert made.status_code == 201, made.text
    signed = device.sign(await challenge(world))
    assert codes(await sign_in(world, signed)) == ["service-documents-required"]
    agreed = {"service-document-agreements": [made.json()["data"]["id"]]}
    assert (await sign_in(world, signed, **agreed)).status_code == 201
