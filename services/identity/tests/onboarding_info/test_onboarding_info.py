"""What an invitation tells before anybody signs in."""

import msgspec
import pytest
from identity.parts import parts_of
from identity_world import World, email, new
from invitations import Clinic, clinic

PATH = "/v1/onboarding-info/"


async def ask(world: World, client=None, **attributes):
    given = {name.replace("_", "-"): value for name, value in attributes.items()}
    return await (client or world.client).post(PATH, json=new("onboarding-info", given))


async def invited(world: World, **fields) -> tuple[Clinic, str]:
    care = await clinic(world)
    await care.invite(**fields)
    return care, await care.code()


async def test_by_code_the_organization_and_never_the_person(world: World) -> None:
    address = email()
    care, code = await invited(world, patient_email=address)
    answer = await ask(world, code=code.lower())
    assert answer.status_code == 201, answer.text
    assert answer.json()["data"]["attributes"] == {
        "onboarding-request": {"status": "invited", "done": False},
        "organization": {"id": str(care.id), "display-name": "Care & Co"},
    }
    assert address not in answer.text
    assert (await ask(world, code="ABCDEFGHJKLM")).status_code == 404


async def test_every_address_gets_one_answer(world: World) -> None:
    address, phone = email(), "+14155552671"
    await invited(world, patient_email=address, phone_number=phone)
    queries = [{"email": address}, {"email": email()}, {"phone_number": phone}, {"phone_number": "+14155552672"}]
    answers = [await ask(world, **query) for query in queries]
    assert {answer.status_code for answer in answers} == {201}
    assert len({str(answer.json()["data"]["attributes"]) for answer in answers}) == 1
    assert len({answer.json()["data"]["id"] for answer in answers}) == 4


async def test_the_person_is_told_of_their_own_address(world: World) -> None:
    username, user_id = await world.confirmed()
    care, _ = await invited(world, patient_email=username.upper())
    me = world.client.as_(user_id=user_id)
    told = (await ask(world, me, email=username)).json()["data"]["attributes"]
    assert told["organization"]["id"] == str(care.id)
    other = email()
    await care.invite(patient_email=other)
    assert (await ask(world, me, email=other)).json()["data"]["attributes"]["organization"]["id"] is None


@pytest.mark.parametrize(
    "attributes",
    [{}, {"code": "x", "email": "a@b.example"}, {"email": "nobody"}, {"phone_number": "1"}, {"code": "x" * 21}],
    ids=["nothing", "two", "no-email", "no-phone", "long"],
)
async def test_bad_questions(world: World, attributes) -> None:
    assert (await ask(world, **attributes)).status_code == 400


async def test_guessing_has_a_budget(world: World, monkeypatch) -> None:
    parts = parts_of(world.runtime)
    monkeypatch.setattr(parts, "settings", msgspec.structs.replace(parts.settings, throttle_scale=0.1))
    statuses = [(await ask(world, code="ABCDEFGHJKLM")).status_code for _ in range(4)]
    assert statuses == [404, 404, 404, 429]
