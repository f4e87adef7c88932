from typing import Any

import pytest
from contracts.identity import UserConfirmed, UserCreated
from identity_world import PASSWORD, World, email, new_user, pointers

FIELDS = {"first_name": "Grace", "last_name": "Hopper", "password": PASSWORD}


async def test_a_confirmed_account(world: World) -> None:
    address = email()
    fields = FIELDS | {"email": address, "phone": "+4366412345678", "tz": "Europe/Vienna", "locale": "de_AT"}
    answer = await world.client.as_operator().post("/v1/users/", json=new_user(fields))
    attributes = answer.json()["data"]["attributes"]
    assert answer.status_code == 201, answer.text
    assert (attributes["username"], attributes["state"], attributes["account-type"]) == (
        address,
        "confirmed",
        "provider",
    )
    assert (attributes["tz"], attributes["locale"], attributes["phone"]) == ("Europe/Vienna", "de_AT", "+4366412345678")
    created, confirmed = await world.events()
    assert isinstance(created, UserCreated)
    assert isinstance(confirmed, UserConfirmed)
    assert (created.account_type, created.operator, confirmed.organization_id) == ("provider", False, None)
    assert (await world.sign_in(address)).status_code == 201
    assert len(await world.rows("SELECT id FROM audit_events WHERE action = 'user-created'")) == 1


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({"email": "no"}, "/data/attributes/email"),
        ({"email": None}, "/data/attributes/email"),
        ({"password": "short"}, "/data/attributes/password"),
        ({"username": "\u200b"}, "/data/attributes/username"),
        ({"phone": "1"}, "/data/attributes/phone"),
        ({"tz": "x"}, "/data/attributes/tz"),
        ({"locale": "x"}, "/data/attributes/locale"),
        ({"classification": "x"}, "/data/attributes/classification"),
        ({"state": "confirmed"}, "/data/attributes/state"),
    ],
)
async def test_what_is_wrong_is_named(world: World, fields: dict[str, Any], pointer: str) -> None:
    body = new_user(FIELDS | {"email": email()} | fields)
    answer = await world.client.as_operator().post("/v1/users/", json=body)
    assert (answer.status_code, pointers(answer)) == (400, [pointer])


async def test_taken(world: World) -> None:
    address = email()
    await world.account(email=address, username="grace")
    operator = world.client.as_operator()
    same = await operator.post("/v1/users/", json=new_user(FIELDS | {"email": email(), "username": "GRACE\u200b"}))
    assert (same.status_code, pointers(same)) == (409, ["/data/attributes/username"])
    address_again = new_user(FIELDS | {"email": address.upper(), "username": "other"})
    again = await operator.post("/v1/users/", json=address_again)
    assert (again.status_code, pointers(again)) == (409, ["/data/attributes/email"])
