import pytest
from contracts.identity import MessageRequested, TokensOutdated
from identity_world import NEW_PASSWORD, World, codes, email, pointers
from testkit.races import race


async def forgotten(world: World, username: str, **fields: object) -> None:
    answer = await world.post("/v1/forgot-password/", {"username": username} | fields)
    assert (answer.status_code, answer.json()) == (201, {})
    await world.settle()


async def confirm(world: World, username: str, code: str, **fields: object):
    body = {"username": username, "confirmation-code": code, "password": NEW_PASSWORD}
    return await world.post("/v1/confirm-forgot-password/", body | fields)


async def test_a_new_password_ends_every_session(world: World) -> None:
    username, _ = await world.confirmed()
    before = (await world.sign_in(username)).json()
    await forgotten(world, username.upper())
    sent = await world.message("forgot-password-code")
    assert sent["recipient"] == username
    answer = await confirm(world, username, sent["variables"]["code"])
    assert (answer.status_code, answer.json()) == (201, {})
    assert (await world.refresh(before["refresh-token"])).status_code == 401
    assert (await world.bearer(before["access-token"]).post("/v1/authenticate/", json={})).status_code == 401
    assert (await world.sign_in(username)).status_code == 401
    assert (await world.sign_in(username, NEW_PASSWORD)).status_code == 201
    assert (await world.message("password-changed"))["recipient"] == username
    assert len(await world.events(TokensOutdated)) == 1


async def test_with_login(world: World) -> None:
    username, _ = await world.confirmed()
    await forgotten(world, username)
    body = (await confirm(world, username, await world.code(), login=True, source="email")).json()
    assert (await world.refresh(body["refresh-token"])).status_code == 201
    assert (await world.bearer(body["access-token"]).post("/v1/authenticate/", json={})).status_code == 201
    outdated = (await world.events(TokensOutdated))[-1].issued_before
    assert (await world.runtime.verifier.verify(body["access-token"])).issued_at >= outdated


@pytest.mark.parametrize("who", ["unknown", "unverified", "disabled", "by sms without a phone"])
async def test_nobody_to_send_it_to_answers_alike(world: World, who: str) -> None:
    username, fields = email(), {}
    if who == "unverified":
        username, _ = await world.registered()
    elif who == "disabled":
        username, user_id = await world.confirmed()
        await world.client.as_operator().post(f"/v1/users/{user_id}/disable/", json={})
    elif who != "unknown":
        username, _ = await world.confirmed()
        fields = {"source": "sms"}
    before = len(await world.events(MessageRequested))
    await forgotten(world, username, **fields)
    assert len(await world.events(MessageRequested)) == before


async def test_unknown_wrong_used_and_expired_codes_answer_alike(world: World) -> None:
    username, _ = await world.confirmed()
    await forgotten(world, username)
    code = await world.code()
    other, sign_up_code = await world.registered()
    answers = [await confirm(world, email(), code), await confirm(world, other, sign_up_code)]
    assert (await confirm(world, username, code)).status_code == 201
    answers.append(await confirm(world, username, code))
    await forgotten(world, username)
    await world.rows("UPDATE codes SET expires_at = now() - interval '1 second'")
    answers.append(await confirm(world, username, await world.code()))
    assert {(answer.status_code, answer.text) for answer in answers} == {(400, answers[0].text)}
    assert codes(answers[0]) == ["invalid-code"]


@pytest.mark.parametrize("password", ["", "short", "password1", "x" * 256])
async def test_a_password_that_may_not_be_set(world: World, password: str) -> None:
    username, _ = await world.confirmed()
    await forgotten(world, username)
    code = await world.code()
    answer = await confirm(world, username, code, password=password)
    assert (answer.status_code, pointers(answer)) == (400, ["/password"])
    assert (await confirm(world, username, code)).status_code == 201


async def test_a_password_that_must_be_set_anew(world: World) -> None:
    username = email()
    user_id = await world.account(email=username, password=None)
    await forgotten(world, username)
    assert (await confirm(world, username, await world.code())).status_code == 201
    assert (await world.sign_in(username, NEW_PASSWORD)).json()["user-id"] == str(user_id)


async def test_disabled_between_request_and_code(world: World) -> None:
    username, user_id = await world.confirmed()
    await forgotten(world, username)
    code = await world.code()
    await world.client.as_operator().post(f"/v1/users/{user_id}/disable/", json={})
    assert (await confirm(world, username, code)).status_code == 400


async def test_one_of_sixteen_wins(live_world: World) -> None:
    username, _ = await live_world.confirmed()
    await forgotten(live_world, username)
    code = await live_world.code()
    answers = await race(lambda _: confirm(live_world, username, code))
    assert sorted(answer.status_code for answer in answers) == [201, *[400] * 15]
