import json
from typing import Any
from uuid import uuid4

import pytest
from contracts.identity import UserUpdated
from identity_world import World, change, email, pointers

DEEP = {"x": json.loads("[" * 100 + "]" * 100)}


async def test_a_person_changes_their_own(world: World) -> None:
    _, user_id = await world.confirmed()
    me = world.client.as_(user_id=user_id)
    fields: dict[str, Any] = {
        "first_name": "Augusta",
        "last_name": "Byron",
        "locale": "de_AT",
        "tz": "Europe/Vienna",
        "phone": "+43 664 12345678",
        "communication_preferences": {"sms": {"marketing": False}},
        "default_organization_id": str(world.orgs.organization_id),
    }
    shown = (await me.patch(f"/v1/users/{user_id}/", json=change(user_id, **fields))).json()["data"]["attributes"]
    assert (shown["first-name"], shown["last-name"], shown["tz"]) == ("Augusta", "Byron", "Europe/Vienna")
    assert (shown["phone"], shown["phone-verified"]) == ("+4366412345678", False)
    assert shown["communication-preferences"] == {"sms": {"marketing": False}}
    assert len(await world.events(UserUpdated)) == 1
    cleared = await me.patch(f"/v1/users/{user_id}/", json=change(user_id, tz=None, phone=None, locale=None))
    shown = cleared.json()["data"]["attributes"]
    assert (shown["tz-explicit"], shown["locale-explicit"], shown["phone"]) == (False, False, None)
    more = change(user_id, communication_preferences={"email": {"news": True}})
    kept = (await me.patch(f"/v1/users/{user_id}/", json=more)).json()["data"]["attributes"]
    assert kept["communication-preferences"] == {"sms": {"marketing": False}, "email": {"news": True}}


async def test_nothing_changed_announces_nothing(world: World) -> None:
    _, user_id = await world.confirmed()
    me = world.client.as_(user_id=user_id)
    assert (await me.patch(f"/v1/users/{user_id}/", json=change(user_id, first_name="Ada"))).status_code == 200
    assert (await me.patch(f"/v1/users/{user_id}/", json=change(user_id))).status_code == 200
    assert await world.events(UserUpdated) == []


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({"first_name": ""}, "/data/attributes/first-name"),
        ({"first_name": None}, "/data/attributes/first-name"),
        ({"tz": "Mars/Olympus"}, "/data/attributes/tz"),
        ({"locale": "x"}, "/data/attributes/locale"),
        ({"phone": "x"}, "/data/attributes/phone"),
        ({"username": "phone"}, "/data/attributes/username"),
        ({"username": "anything"}, "/data/attributes/username"),
        ({"default_organization_id": str(uuid4())}, "/data/attributes/default-organization-id"),
        ({"communication_preferences": {"pigeon": {}}}, "/data/attributes/communication-preferences/pigeon"),
        ({"communication_preferences": {"sms": {"x": "y" * 20_000}}}, "/data/attributes/communication-preferences"),
        ({"communication_preferences": {"sms": {"x\x00": 1}}}, "/data/attributes/communication-preferences"),
        ({"communication_preferences": {"sms": DEEP}}, "/data/attributes/communication-preferences"),
        ({"first_name": "A\x00"}, "/data/attributes/first-name"),
        ({"last_name": "\u200b\u202e"}, "/data/attributes/last-name"),
        ({"phone": "+1 555 0100"}, "/data/attributes/phone"),
        ({"tz": "europe/vienna"}, "/data/attributes/tz"),
        ({"password": "x"}, "/data/attributes/password"),
    ],
)
async def test_what_is_wrong_is_named(world: World, fields: dict[str, Any], pointer: str) -> None:
    _, user_id = await world.confirmed()
    answer = await world.client.as_(user_id=user_id).patch(f"/v1/users/{user_id}/", json=change(user_id, **fields))
    assert (answer.status_code, pointers(answer)) == (400, [pointer])


@pytest.mark.parametrize("fields", [{"email": "new@example.org"}, {"classification": "carium"}])
async def test_what_is_the_operators_to_change(world: World, fields: dict[str, Any]) -> None:
    _, user_id = await world.confirmed()
    me = world.client.as_(user_id=user_id)
    answer = await me.patch(f"/v1/users/{user_id}/", json=change(user_id, **fields))
    assert (answer.status_code, pointers(answer)) == (403, [f"/data/attributes/{next(iter(fields))}"])
    operator = world.client.as_operator()
    shown = (await operator.patch(f"/v1/users/{user_id}/", json=change(user_id, **fields))).json()["data"]["attributes"]
    assert fields.items() <= shown.items()


async def test_an_address_that_is_anothers(world: World) -> None:
    taken = email()
    await world.account(email=taken)
    user_id = await world.account()
    operator = world.client.as_operator()
    answer = await operator.patch(f"/v1/users/{user_id}/", json=change(user_id, email=taken.upper()))
    assert (answer.status_code, pointers(answer)) == (409, ["/data/attributes/email"])


async def test_an_administrator_changes_nothing_that_signs_anybody_in(world: World) -> None:
    organization = uuid4()
    admin, member = await world.staff(organization, role="org.admin"), await world.staff(organization)
    client = world.client.as_(user_id=admin)
    path = f"/v1/users/{member}/"
    assert (await client.patch(path, json=change(member, first_name="New"))).status_code == 200
    for fields in ({"username": "email"}, {"phone": "+4366412345678"}, {"email": email()}):
        assert (await client.patch(path, json=change(member, **fields))).status_code == 403
    await world.belongs(member, uuid4())
    assert (await client.patch(path, json=change(member, first_name="Newer"))).status_code == 403


async def test_another_document(world: World) -> None:
    _, user_id = await world.confirmed()
    answer = await world.client.as_(user_id=user_id).patch(f"/v1/users/{user_id}/", json=change(uuid4()))
    assert (answer.status_code, pointers(answer)) == (400, ["/data/id"])
