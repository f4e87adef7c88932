from uuid import UUID, uuid4

import pytest
from contracts.identity import ArchiveConfirmed, UserDisabled
from contracts.orgs import IndividualArchived
from identity_world import PASSWORD, World, codes, new, pointers


async def participant(world: World) -> tuple[str, UUID, UUID]:
    """Somebody with a login: username, user and individual."""
    username, user_id = await world.confirmed()
    row = (await world.rows(f"SELECT primary_individual_id AS id FROM users WHERE id = '{user_id}'"))[0]
    owner = {"owner-id": str(world.orgs.organization_id), "owner-type": "organization"}
    world.orgs.individuals[str(row.id)] = owner | {"user-id": str(user_id), "email": username}
    return username, user_id, row.id


async def ask(client, individual_id: UUID, **attributes):
    body = {"individual-id": str(individual_id), "password": PASSWORD} | attributes
    return await client.post("/v1/archive-requests/", json=new("archive-requests", body))


async def answer(client, request_id: str, value: str, **members):
    return await client.post(f"/v1/archive-requests/{request_id}/answer/", json={"value": value} | members)


async def test_the_interview_leads_to_the_archive(world: World) -> None:
    username, user_id, individual = await participant(world)
    me = world.client.as_(user_id=user_id)
    made = (await ask(me, individual)).json()["data"]
    shown = made["attributes"]
    assert (shown["request-state"], shown["email"], shown["individual-id"]) == (
        "archive-requested",
        username,
        str(individual),
    )
    questions = shown["interview"]
    assert [one["kind"] for one in questions] == ["text", "choice", "choice"]
    known = {"interview-id": shown["interview-id"], "individual-id": str(individual)}
    for value, state in (("I moved", "archive-requested"), (" YES ", "archive-requested")):
        said = await answer(me, made["id"], value, **known)
        assert (said.status_code, said.json()["data"]["attributes"]["request-state"]) == (201, state)
    last = await answer(me, made["id"], "yes", **{"question-id": questions[2]["question-id"]})
    assert last.json()["data"]["attributes"]["request-state"] == "archive-confirmed"
    assert [one["value"] for one in last.json()["data"]["attributes"]["interview"]] == ["I moved", "yes", "yes"]
    assert (await world.sign_in(username)).status_code == 401
    assert [event.user_id for event in await world.events(UserDisabled)] == [user_id]
    told = (await world.events(ArchiveConfirmed))[0]
    assert (told.individual_id, told.user_id) == (individual, user_id)
    await world.hear(IndividualArchived(individual_id=individual))
    operator = world.client.as_operator()
    listed = (await operator.get(f"/v1/archive-requests/?filter[individual-id]={individual}")).json()["data"]
    assert [row["attributes"]["request-state"] for row in listed] == ["archived"]
    user = (await operator.get(f"/v1/users/{user_id}/")).json()["data"]["attributes"]
    assert user["state"] == "archived"


async def test_a_no_cancels_it_and_ends_the_interview(world: World) -> None:
    _, user_id, individual = await participant(world)
    me = world.client.as_(user_id=user_id)
    made = (await ask(me, individual)).json()["data"]
    again = await ask(me, individual)
    assert (again.status_code, codes(again)) == (409, ["archive-under-way"])
    await answer(me, made["id"], "why not")
    canceled = await answer(me, made["id"], "no")
    assert canceled.json()["data"]["attributes"]["request-state"] == "archive-canceled"
    late = await answer(me, made["id"], "yes")
    assert (late.status_code, codes(late)) == (409, ["interview-ended"])
    assert await world.events(UserDisabled) == []
    assert (await ask(me, individual)).status_code == 201


@pytest.mark.parametrize(
    ("members", "pointer"),
    [
        ({"value": ""}, "/value"),
        ({"value": "x" * 256}, "/value"),
        ({"value": 7}, "/value"),
        ({"value": "x", "question-id": str(UUID(int=7))}, "/question-id"),
        ({"value": "yes", "question-id": "0190a7c0-0000-7000-8000-000000000003"}, "/question-id"),
        ({"value": "x", "interview-id": str(UUID(int=7))}, "/interview-id"),
        ({"value": "x", "individual-id": str(UUID(int=7))}, "/individual-id"),
    ],
)
async def test_bad_answers_are_named(world: World, members: dict, pointer: str) -> None:
    individual = world.individual(owner_id=uuid4())
    made = (await ask(world.client.as_operator(), individual)).json()["data"]
    said = await world.client.as_operator().post(f"/v1/archive-requests/{made['id']}/answer/", json=members)
    assert (said.status_code, pointers(said)) == (400, [pointer])


async def test_a_choice_is_yes_or_no_and_an_answer_may_be_taken_back_before_the_end(world: World) -> None:
    individual = world.individual(owner_id=uuid4())
    operator = world.client.as_operator()
    made = (await ask(operator, individual)).json()["data"]
    await answer(operator, made["id"], "first")
    assert (await answer(operator, made["id"], "perhaps")).status_code == 400
    first = made["attributes"]["interview"][0]["question-id"]
    said = await answer(operator, made["id"], "second", **{"question-id": first})
    assert said.json()["data"]["attributes"]["interview"][0]["value"] == "second"


async def test_who_has_another_use_of_their_login_keeps_it(world: World) -> None:
    organization = world.orgs.organization_id
    colleague = await world.staff(organization)
    individual = world.individual(owner_id=organization, user_id=colleague)
    admin = world.client.as_(user_id=await world.staff(organization, role="org.admin"))
    made = (await ask(admin, individual)).json()["data"]
    for value in ("gone", "yes", "yes"):
        said = await answer(admin, made["id"], value)
    assert said.json()["data"]["attributes"]["request-state"] == "archive-confirmed"
    assert await world.events(UserDisabled) == []
    assert (await world.events(ArchiveConfirmed))[0].user_id is None
