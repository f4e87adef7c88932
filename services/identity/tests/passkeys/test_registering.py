"""Registering, listing, renaming and removing passkeys."""

from uuid import UUID, uuid4

import pytest
from contracts.identity import PasskeyRegistered, PasskeyRemoved
from devices import PATH, Device, challenge, keep, registration, sign_in, with_passkey
from identity_world import World, codes, new
from testkit.races import race


async def test_a_passkey_is_registered_listed_renamed_and_removed(world: World) -> None:
    tokens = await world.signed_in()
    me, device = world.bearer(tokens["access-token"]), Device()
    options = await registration(me)
    assert options["rp"] == {"name": "Muster", "id": "muster.test"}
    assert options["authenticatorSelection"]["residentKey"] == "required"
    assert options["authenticatorSelection"]["userVerification"] == "required"
    answer = await keep(me, device.make(options), "my phone")
    assert answer.status_code == 201, answer.text
    made = answer.json()["data"]
    assert (made["attributes"]["name"], made["attributes"]["suspended-at"]) == ("my phone", None)
    assert "public" not in answer.text
    assert [row["id"] for row in (await me.get(PATH)).json()["data"]] == [made["id"]]
    assert (await world.message("passkey-added"))["variables"]["username"] == tokens["username"]
    change = {"data": {"type": "passkeys", "id": made["id"], "attributes": {"name": "the old one"}}}
    renamed = await me.patch(f"{PATH}{made['id']}/", json=change)
    assert renamed.json()["data"]["attributes"]["name"] == "the old one"
    known = (await registration(me))["excludeCredentials"]
    assert [one["id"] for one in known] == [device.sign(await challenge(world))["id"]]
    assert (await me.delete(f"{PATH}{made['id']}/")).status_code == 204
    assert (await me.get(PATH)).json()["data"] == []
    assert await world.message("passkey-removed")
    announced = [type(event) for event in await world.events() if "passkey" in type(event).__name__.lower()]
    assert announced == [PasskeyRegistered, PasskeyRemoved]
    actions = await world.rows("SELECT action FROM audit_events WHERE target = :it", it=f"passkeys:{made['id']}")
    assert {row.action for row in actions} == {"passkey-registered", "passkey-renamed", "passkey-removed"}


async def test_a_challenge_for_registering_counts_once_and_for_its_person(world: World) -> None:
    me, other = [world.bearer((await world.signed_in())["access-token"]) for _ in range(2)]
    options = await registration(me)
    assert codes(await keep(other, Device().make(options))) == ["invalid-passkey"]
    assert (await keep(me, Device().make(options))).status_code == 201
    assert codes(await keep(me, Device().make(options))) == ["invalid-passkey"]
    signing = await challenge(world)
    wrong = options | {"challenge": signing["challenge"]}
    assert codes(await keep(me, Device().make(wrong))) == ["invalid-passkey"]


async def test_a_challenge_expires(world: World) -> None:
    me = world.bearer((await world.signed_in())["access-token"])
    options = await registration(me)
    await world.rows("UPDATE passkey_challenges SET expires_at = clock_timestamp() - interval '1 second'")
    assert codes(await keep(me, Device().make(options))) == ["invalid-passkey"]


@pytest.mark.parametrize(
    "device",
    [Device("http://elsewhere.test"), Device("https://muster.test"), Device("null"), Device(verifies=False)],
    ids=["another origin", "another scheme", "no origin", "nobody verified"],
)
async def test_what_comes_from_elsewhere_is_not_kept(world: World, device: Device) -> None:
    me = world.bearer((await world.signed_in())["access-token"])
    answer = await keep(me, device.make(await registration(me)))
    assert answer.status_code == 401
    assert codes(answer) == ["invalid-passkey"]


async def test_a_key_for_another_party_is_not_kept(world: World) -> None:
    me = world.bearer((await world.signed_in())["access-token"])
    options = await registration(me)
    elsewhere = options | {"rp": {"name": "x", "id": "elsewhere.test"}}
    assert codes(await keep(me, Device().make(elsewhere))) == ["invalid-passkey"]


@pytest.mark.parametrize(
    "credential",
    [{}, {"response": 3}, {"id": "x", "rawId": "x", "type": "public-key", "response": {"clientDataJSON": "e30"}}],
    ids=["nothing", "no object", "no attestation"],
)
async def test_garbage_is_not_kept(world: World, credential: dict[str, object]) -> None:
    me = world.bearer((await world.signed_in())["access-token"])
    assert codes(await keep(me, credential)) == ["invalid-passkey"]


async def test_one_key_is_registered_once_and_names_are_checked(world: World) -> None:
    first, second = Device(), world.bearer((await world.signed_in())["access-token"])
    await with_passkey(world.bearer((await world.signed_in())["access-token"]), first)
    options = await registration(second)
    twin = Device()
    twin.cred_init = lambda rp_id, handle: _become(twin, first, rp_id, handle)
    assert codes(await keep(second, twin.make(options))) == ["taken"]
    unseen = await second.post(PATH, json=new("passkeys", {"name": "\u200b", "credential": {}}))
    assert unseen.status_code == 400


def _become(twin: Device, other: Device, rp_id: str, handle: bytes) -> None:
    twin.credential_id, twin.private_key, twin.rp_id, twin.user_handle = (
        other.credential_id,
        other.private_key,
        rp_id,
        handle,
    )


async def test_twenty_at_most(world: World) -> None:
    tokens = await world.signed_in()
    me = world.bearer(tokens["access-token"])
    await world.rows(
        "INSERT INTO passkeys (id, user_id, credential_id, public_key, sign_count, name, transports, aaguid, synced)"
        " SELECT gen_random_uuid(), CAST(:id AS uuid), decode(md5(n::text), 'hex'), ''::bytea, 0, 'x', '{}',"
        " gen_random_uuid(), false FROM generate_series(1, 20) n",
        id=tokens["user-id"],
    )
    assert codes(await me.post(f"{PATH}registration-options/")) == ["too-many"]


async def test_the_last_way_in_stays(world: World) -> None:
    tokens = await world.signed_in()
    me, device = world.bearer(tokens["access-token"]), Device()
    first = await with_passkey(me, device)
    await world.rows("UPDATE users SET password_hash = NULL WHERE id = CAST(:id AS uuid)", id=tokens["user-id"])
    assert codes(await me.delete(f"{PATH}{first}/")) == ["last-way-in"]
    second = await with_passkey(me, Device())
    assert (await me.delete(f"{PATH}{first}/")).status_code == 204
    assert codes(await me.delete(f"{PATH}{second}/")) == ["last-way-in"]
    assert codes(await sign_in(world, device.sign(await challenge(world)))) == ["invalid-passkey"]


async def test_passkeys_are_their_owners_and_lost_ones_an_administrators(world: World) -> None:
    organization = uuid4()
    member, colleague, admin = (
        await world.staff(organization),
        await world.staff(organization),
        await world.staff(organization, "org.admin"),
    )
    passkey = await with_passkey(world.client.as_(user_id=member), Device())
    change = {"data": {"type": "passkeys", "id": passkey, "attributes": {"name": "mine"}}}
    for user_id, listed, removed in ((colleague, 403, 404), (uuid4(), 404, 404), (admin, 200, 204)):
        other = world.client.as_(user_id=UUID(str(user_id)))
        assert (await other.patch(f"{PATH}{passkey}/", json=change)).status_code == 404
        assert (await other.get(PATH, params={"filter[user-id]": str(member)})).status_code == listed
        assert (await other.delete(f"{PATH}{passkey}/")).status_code == removed


async def test_of_many_answers_to_one_challenge_one_is_kept(live_world: World) -> None:
    me = live_world.bearer((await live_world.signed_in())["access-token"])
    options = await registration(me)

    async def attempt(_: int) -> int:
        return (await keep(me, Device().make(options))).status_code

    assert sorted(await race(attempt, 8)) == [201] + [401] * 7
