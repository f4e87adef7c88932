from typing import Any
from uuid import uuid4

import pytest
from contracts.identity import MessageRequested, UserUpdated
from identity_world import NEW_PASSWORD, World, change, codes, pointers
from testkit.races import race

TYPED, NUMBER = "+43 664 123 456 78", "+4366412345678"


async def send(world: World, user_id: object, number: str = TYPED, code: str | None = None) -> Any:
    body = {"phone-number": number} | ({"confirmation-code": code} if code is not None else {})
    return await world.client.as_(user_id=user_id).post(f"/v1/users/{user_id}/confirm-phone/", json=body)


async def sent_code(world: World) -> str:
    return (await world.message("confirm-phone-code"))["variables"]["code"]


async def shown(world: World, user_id: object) -> Any:
    return (await world.client.as_(user_id=user_id).get(f"/v1/users/{user_id}/")).json()["data"]["attributes"]


async def test_a_number_is_the_persons_when_its_code_comes_back(world: World) -> None:
    username, user_id = await world.confirmed()
    assert (await send(world, user_id)).status_code == 201
    sent = await world.message("confirm-phone-code")
    assert (sent["channel"], sent["recipient"]) == ("sms", NUMBER)
    assert (await shown(world, user_id))["phone"] is None
    assert (await send(world, user_id, code=sent["variables"]["code"])).status_code == 201
    now = await shown(world, user_id)
    assert (now["phone"], now["phone-verified"]) == (NUMBER, True)
    assert len(await world.events(UserUpdated)) == 1
    assert (await world.message("phone-changed"))["recipient"] == username
    again = await send(world, user_id)
    assert (again.status_code, codes(again)) == (409, ["unchanged"])


async def test_a_number_that_was_set_before_is_only_confirmed(world: World) -> None:
    _, user_id = await world.confirmed()
    me = world.client.as_(user_id=user_id)
    await me.patch(f"/v1/users/{user_id}/", json=change(user_id, phone=TYPED))
    await send(world, user_id)
    assert (await send(world, user_id, code=await sent_code(world))).status_code == 201
    assert [event for event in await world.events(MessageRequested) if event.type == "phone-changed"] == []
    assert (await me.patch(f"/v1/users/{user_id}/", json=change(user_id, username="phone"))).status_code == 200
    for typed in (NUMBER, TYPED, "+43 (664) 12345678", "+43-664-123-45678", "\u202a+\uff14\uff13 664 12345678\u202c"):
        assert (await world.sign_in(typed)).status_code == 201, typed


async def test_a_forgotten_password_by_sms(world: World) -> None:
    username, user_id = await world.confirmed()
    await send(world, user_id)
    await send(world, user_id, code=await sent_code(world))
    await world.post("/v1/forgot-password/", {"username": username, "source": "sms"})
    await world.settle()
    told = await world.message("forgot-password-code")
    assert (told["channel"], told["recipient"]) == ("sms", NUMBER)
    body = {"username": username, "confirmation-code": told["variables"]["code"], "password": NEW_PASSWORD}
    assert (await world.post("/v1/confirm-forgot-password/", body | {"source": "sms"})).status_code == 201
    assert (await world.sign_in(username, NEW_PASSWORD)).status_code == 201


async def test_somebody_without_an_address_is_told_by_sms(world: World) -> None:
    fields = {"contact_phone_mobile": "(415) 555-2671", "source": "sms", "set_username": "phone"}
    await world.sign_up("whatever", **fields)
    await world.confirm("+1 415 555 2671", await world.code())
    await world.post("/v1/forgot-password/", {"username": "415-555-2671", "source": "sms"})
    await world.settle()
    body = {"username": "+14155552671", "confirmation-code": await world.code(), "password": NEW_PASSWORD}
    assert (await world.post("/v1/confirm-forgot-password/", body)).status_code == 201
    told = await world.message("password-changed")
    assert (told["channel"], told["recipient"]) == ("sms", "+14155552671")


@pytest.mark.parametrize("number", ["", "12", "0800 call me", "+1 555", "+999 123456789", "\x00", "+4366412345678" * 3])
async def test_what_is_no_number(world: World, number: str) -> None:
    _, user_id = await world.confirmed()
    answer = await send(world, user_id, number)
    assert (answer.status_code, pointers(answer)) == (400, ["/phone-number"])


async def test_codes_that_do_not_count_answer_alike(world: World) -> None:
    _, one = await world.confirmed()
    _, two = await world.confirmed()
    await send(world, one)
    code = await sent_code(world)
    answers = [await send(world, two, code=code), await send(world, one, code="nonsense")]
    answers.append(await send(world, one, "+4366412345679", code))
    await send(world, one)
    await world.rows("UPDATE codes SET expires_at = now() - interval '1 second' WHERE used_at IS NULL")
    answers.append(await send(world, one, code=await sent_code(world)))
    await send(world, one)
    used = await sent_code(world)
    assert (await send(world, one, code=used)).status_code == 201
    answers.append(await send(world, one, code=used))
    assert {(answer.status_code, answer.text) for answer in answers} == {(400, answers[0].text)}


async def test_only_oneself(world: World) -> None:
    _, user_id = await world.confirmed()
    act = {"sub": str(uuid4()), "sid": str(uuid4())}
    body = {"phone-number": TYPED}
    for client in (world.client.as_operator(), world.client.as_(user_id=user_id, act=act)):
        assert (await client.post(f"/v1/users/{user_id}/confirm-phone/", json=body)).status_code == 403


async def test_who_acts_as_a_person_changes_nothing_that_signs_in(world: World) -> None:
    _, user_id = await world.confirmed()
    client = world.client.as_(user_id=user_id, act={"sub": str(uuid4()), "sid": str(uuid4())})
    path = f"/v1/users/{user_id}/"
    assert (await client.patch(path, json=change(user_id, phone=TYPED))).status_code == 403
    assert (await client.patch(path, json=change(user_id, first_name="New"))).status_code == 200


async def test_one_of_sixteen_wins(live_world: World) -> None:
    _, user_id = await live_world.confirmed()
    await send(live_world, user_id)
    code = await sent_code(live_world)
    answers = await race(lambda _: send(live_world, user_id, code=code))
    assert sorted(answer.status_code for answer in answers) == [201, *[400] * 15]
