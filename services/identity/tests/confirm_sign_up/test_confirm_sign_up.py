import pytest
from contracts.identity import UserConfirmed
from identity_world import World, codes, email, pointers
from testkit.races import race


async def test_the_person_belongs_to_the_organization(world: World) -> None:
    _, user_id = await world.confirmed()
    confirmed = (await world.events(UserConfirmed))[-1]
    assert (confirmed.user_id, confirmed.account_type) == (user_id, "patient")
    assert (confirmed.organization_id, confirmed.organization_code) == (world.orgs.organization_id, "CARE")
    shown = (await world.client.as_(user_id=user_id).get(f"/v1/users/{user_id}/")).json()["data"]["attributes"]
    assert shown["primary-individual-id"] == str(confirmed.individual_id)
    assert shown["organization-ids"] == [str(world.orgs.organization_id)]


async def test_with_login_it_answers_as_login_does(world: World) -> None:
    username, code = await world.registered()
    answer = await world.confirm(username, code, login=True, tz="Asia/Tokyo")
    body = answer.json()
    assert (answer.status_code, body["account-type"], body["tz"]) == (201, "patient", "Asia/Tokyo")
    assert "login-error" not in body
    assert (await world.bearer(body["access-token"]).get("/v1/sessions/")).status_code == 200
    assert (await world.refresh(body["refresh-token"])).status_code == 201


@pytest.mark.parametrize("wrong", ["", "0", "abcdefgh", "\x00", "٠١٢٣٤٥٦٧", " ' OR 1=1 --"])
async def test_a_malformed_code(world: World, wrong: str) -> None:
    username, _ = await world.registered()
    answer = await world.confirm(username, wrong)
    assert (answer.status_code, codes(answer), pointers(answer)) == (400, ["invalid-code"], ["/confirmation-code"])


async def test_unknown_used_expired_and_anothers_answer_alike(world: World) -> None:
    username, code = await world.registered()
    other, others_code = await world.registered()
    unknown = await world.confirm(email(), code)
    anothers = await world.confirm(username, others_code)
    assert (await world.confirm(username, code)).status_code == 201
    used = await world.confirm(username, code)
    await world.rows("UPDATE codes SET expires_at = now() - interval '1 second' WHERE used_at IS NULL")
    expired = await world.confirm(other, others_code)
    answers = [unknown, anothers, used, expired]
    assert {(answer.status_code, answer.text) for answer in answers} == {(400, unknown.text)}


async def test_five_tries(world: World) -> None:
    username, code = await world.registered()
    wrong = "00000000" if code != "00000000" else "00000001"
    for _ in range(5):
        assert (await world.confirm(username, wrong)).status_code == 400
    assert (await world.confirm(username, code)).status_code == 400


async def test_a_code_with_spaces_around_it(world: World) -> None:
    username, code = await world.registered()
    assert (await world.confirm(username, f" {code} ")).status_code == 201


async def test_a_time_zone_that_does_not_exist(world: World) -> None:
    username, code = await world.registered()
    answer = await world.confirm(username, code, tz="Mars/Olympus")
    assert (answer.status_code, pointers(answer)) == (400, ["/tz"])
    assert (await world.confirm(username, code)).status_code == 201


async def test_somebody_disabled_meanwhile(world: World) -> None:
    username, code = await world.registered()
    user_id = await world.user_id(username)
    disabled = await world.client.as_operator().post(f"/v1/users/{user_id}/disable/", json={})
    assert disabled.json()["data"]["attributes"]["state"] == "registered_disabled"
    assert (await world.confirm(username, code)).status_code == 400


async def test_one_of_sixteen_wins(live_world: World) -> None:
    username, code = await live_world.registered()
    answers = await race(lambda _: live_world.confirm(username, code))
    assert sorted(answer.status_code for answer in answers) == [201, *[400] * 15]
    assert (await live_world.sign_in(username)).status_code == 201
