from typing import Any
from uuid import uuid4

import pytest
from contracts.identity import MessageRequested, UserUpdated
from identity_world import PASSWORD, World, codes, email, pointers
from testkit.races import race


async def ask(world: World, user_id: object, address: str) -> Any:
    return await world.client.as_(user_id=user_id).post(f"/v1/users/{user_id}/change-email/", json={"email": address})


async def confirm(world: World, user_id: object, code: str) -> Any:
    path = f"/v1/users/{user_id}/confirm-email/"
    return await world.client.as_(user_id=user_id).post(path, json={"confirmation-code": code})


async def shown(world: World, user_id: object) -> Any:
    return (await world.client.as_(user_id=user_id).get(f"/v1/users/{user_id}/")).json()["data"]["attributes"]


async def test_it_takes_effect_when_the_new_address_is_confirmed(world: World) -> None:
    before, user_id = await world.confirmed()
    after = email().replace("ada", "Ada.New")
    assert (await ask(world, user_id, after)).status_code == 201
    sent = await world.message("change-email-code")
    assert (sent["recipient"], sent["channel"]) == (after, "email")
    assert (await world.message("change-email-notice"))["recipient"] == before
    assert (await shown(world, user_id))["email"] == before
    assert (await world.sign_in(after)).status_code == 401
    assert await world.events(UserUpdated) == []

    assert (await confirm(world, user_id, sent["variables"]["code"])).status_code == 201
    now = await shown(world, user_id)
    assert (now["email"], now["email-verified"], now["username"]) == (after, True, after)
    assert (await world.message("email-changed"))["recipient"] == before
    assert len(await world.events(UserUpdated)) == 1
    assert (await world.sign_in(after.upper())).status_code == 201
    assert (await world.sign_in(before)).status_code == 401
    assert await world.rows("SELECT id FROM contact_changes") == []
    mine = "SELECT action FROM audit_events WHERE user_id = :id AND action LIKE 'email%' ORDER BY id"
    audit = await world.rows(mine, id=user_id)
    acts = [row.action for row in audit if row.action.startswith("email")]
    assert acts == ["email-change-requested", "email-changed"]


async def test_a_username_of_ones_own_stays(world: World) -> None:
    user_id = await world.account(username="grace", password=PASSWORD)
    after = email()
    await ask(world, user_id, after)
    assert (await confirm(world, user_id, (await world.message("change-email-code"))["variables"]["code"])).is_success
    assert (await shown(world, user_id))["username"] == "grace"
    assert (await world.sign_in(after)).status_code == 201


async def test_an_address_of_somebody_elses_answers_alike_and_they_are_told(world: World) -> None:
    theirs, _ = await world.confirmed()
    _, user_id = await world.confirmed()
    free, taken = await ask(world, user_id, email()), await ask(world, user_id, theirs.upper())
    assert (free.status_code, free.text) == (taken.status_code, taken.text)
    told = await world.message("change-email-existing")
    assert told["recipient"] == theirs.upper()
    assert "code" not in told["variables"]


async def test_taken_between_the_two(world: World) -> None:
    _, one = await world.confirmed()
    _, two = await world.confirmed()
    address = email()
    await ask(world, one, address)
    first = (await world.message("change-email-code"))["variables"]["code"]
    await ask(world, two, address)
    second = (await world.message("change-email-code"))["variables"]["code"]
    assert (await confirm(world, two, second)).status_code == 201
    late = await confirm(world, one, first)
    assert (late.status_code, codes(late)) == (409, ["taken"])


@pytest.mark.parametrize(
    "address", ["", "no", "a@b", "a b@example.org", "a\x00@example.org", f"{'x' * 250}@example.org"]
)
async def test_what_is_no_address(world: World, address: str) -> None:
    _, user_id = await world.confirmed()
    answer = await ask(world, user_id, address)
    assert (answer.status_code, pointers(answer)) == (400, ["/email"])


async def test_the_same_address(world: World) -> None:
    username, user_id = await world.confirmed()
    answer = await ask(world, user_id, username)
    assert (answer.status_code, codes(answer)) == (409, ["unchanged"])


async def test_an_unverified_address_of_ones_own_can_be_confirmed(world: World) -> None:
    username, user_id = await world.confirmed()
    await world.rows("UPDATE users SET email_verified = false WHERE id = :id", id=user_id)
    assert (await ask(world, user_id, username)).status_code == 201
    await confirm(world, user_id, (await world.message("change-email-code"))["variables"]["code"])
    assert (await shown(world, user_id))["email-verified"]
    assert [event for event in await world.events(MessageRequested) if event.type == "email-changed"] == []


@pytest.mark.parametrize("wrong", ["", "0", "abcdefgh", "\x00", "٠١٢٣٤٥٦٧", " ' OR 1=1 --"])
async def test_malformed_codes(world: World, wrong: str) -> None:
    _, user_id = await world.confirmed()
    await ask(world, user_id, email())
    answer = await confirm(world, user_id, wrong)
    assert (answer.status_code, codes(answer), pointers(answer)) == (400, ["invalid-code"], ["/confirmation-code"])


async def test_anothers_used_withdrawn_and_expired_codes_answer_alike(world: World) -> None:
    _, one = await world.confirmed()
    _, two = await world.confirmed()
    await ask(world, one, email())
    earlier = (await world.message("change-email-code"))["variables"]["code"]
    await ask(world, one, email())
    code = (await world.message("change-email-code"))["variables"]["code"]
    answers = [await confirm(world, two, code)]
    assert (await confirm(world, one, code)).status_code == 201
    answers += [await confirm(world, one, code), await confirm(world, one, earlier)]
    await ask(world, one, email())
    last = (await world.message("change-email-code"))["variables"]["code"]
    await world.rows("UPDATE codes SET expires_at = now() - interval '1 second' WHERE used_at IS NULL")
    answers.append(await confirm(world, one, last))
    assert {(answer.status_code, answer.text) for answer in answers} == {(400, answers[0].text)}


async def test_nobody_does_it_for_another_or_in_their_name(world: World) -> None:
    _, user_id = await world.confirmed()
    act = {"sub": str(uuid4()), "sid": str(uuid4())}
    for client in (world.client.as_operator(), world.client.as_(user_id=user_id, act=act)):
        for action, sent in (("change-email", {"email": email()}), ("confirm-email", {"confirmation-code": "1"})):
            answer = await client.post(f"/v1/users/{user_id}/{action}/", json=sent)
            assert answer.status_code == 403, answer.text


async def test_one_of_sixteen_wins(live_world: World) -> None:
    _, user_id = await live_world.confirmed()
    await ask(live_world, user_id, email())
    code = (await live_world.message("change-email-code"))["variables"]["code"]
    answers = await race(lambda _: confirm(live_world, user_id, code))
    assert sorted(answer.status_code for answer in answers) == [201, *[400] * 15]


async def test_one_of_sixteen_people_gets_an_address(live_world: World) -> None:
    """Each holds a code for the same address; the database decides."""
    address = email()
    people = []
    for _ in range(4):
        _, user_id = await live_world.confirmed()
        await ask(live_world, user_id, address)
        people.append((user_id, (await live_world.message("change-email-code"))["variables"]["code"]))
    answers = await race(lambda number: confirm(live_world, *people[number]), 4)
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]
