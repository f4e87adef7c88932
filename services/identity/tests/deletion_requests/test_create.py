import asyncio
from uuid import UUID, uuid4

import pytest
from contracts.erasure import DeletionPurgeRequested, DeletionRequested
from contracts.identity import UserDisabled
from identity_world import PASSWORD, World, codes, email, new, pointers


async def ask(world: World, asker, **attributes):
    body = {"type": "user", "password": PASSWORD} | {
        name.replace("_", "-"): value for name, value in attributes.items()
    }
    return await asker.post("/v1/deletion-requests/", json=new("deletion-requests", body))


async def test_a_person_asks_for_themself_and_nobody_reads_them_any_more(world: World) -> None:
    username, user_id = await world.confirmed()
    signed_in = (await world.sign_in(username)).json()
    answer = await ask(world, world.bearer(signed_in["access-token"]), user_id=str(user_id))
    assert answer.status_code == 201, answer.text
    made = answer.json()["data"]["attributes"]
    assert (made["status"], made["email"], made["user-id"], made["archive"]) == (
        "pending",
        username,
        str(user_id),
        False,
    )
    apps = ["orgs", "authz", "artifacts", "notifications", "identity"]
    assert [(one["app"], one["state"]) for one in made["progress"]] == [(app, "pending") for app in apps]
    assert (await world.sign_in(username)).status_code == 401
    assert (await world.client.as_operator().get(f"/v1/users/{user_id}/")).status_code == 404
    assert (await world.client.as_service("orgs").get(f"/v1/users/{user_id}/")).status_code == 404
    listed = (await world.client.as_service("orgs").get(f"/v1/users/?filter[email]={username}")).json()["data"]
    assert listed == []
    ended = await world.events(UserDisabled)
    assert [event.user_id for event in ended] == [user_id]
    told = (await world.events(DeletionRequested))[-1]
    assert (told.user_id, told.archive) == (user_id, False)
    assert username not in str(await world.rows("SELECT payload::text FROM outbox"))


async def test_the_password_is_asked_for(world: World) -> None:
    username, user_id = await world.confirmed()
    me = world.bearer((await world.sign_in(username)).json()["access-token"])
    missing = await ask(world, me, user_id=str(user_id), password=None)
    assert (missing.status_code, codes(missing), pointers(missing)) == (
        400,
        ["required"],
        ["/data/attributes/password"],
    )
    wrong = await ask(world, me, user_id=str(user_id), password="a-Wrong-password-9")
    assert (wrong.status_code, codes(wrong)) == (400, ["wrong-password"])
    assert await world.events(DeletionRequested) == []


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"type": "everybody"}, "/data/attributes/type"),
        ({"user-id": "x"}, "/data/attributes/user-id"),
        ({"type": "indv"}, "/data/attributes/individual-id"),
        ({"type": "user"}, "/data/attributes/user-id"),
        ({"archive": "yes"}, "/data/attributes/archive"),
        ({"password": "p" * 4097}, "/data/attributes/password"),
        ({"reason": "x"}, "/data/attributes/reason"),
    ],
)
async def test_bad_input_is_named(world: World, body: dict, pointer: str) -> None:
    answer = await ask(world, world.client.as_operator(), **body)
    assert answer.status_code == 400, answer.text
    assert pointer in pointers(answer)


async def test_an_administrator_asks_for_a_participant_and_not_for_staff(world: World) -> None:
    _, participant = await world.confirmed()
    organization = world.orgs.organization_id
    admin = world.client.as_(user_id=await world.staff(organization, role="org.admin"))
    colleague = await world.staff(organization)
    assert (await ask(world, admin, user_id=str(colleague))).status_code == 403
    assert (await ask(world, admin, user_id=str(participant))).status_code == 201
    elsewhere = world.client.as_(user_id=await world.staff(uuid4(), role="org.admin"))
    assert (await ask(world, elsewhere, user_id=str(colleague))).status_code == 404


async def test_the_last_administrator_and_the_operator_stay(world: World) -> None:
    organization = uuid4()
    admin = await world.staff(organization, role="org.admin")
    refused = await ask(world, world.client.as_operator(), user_id=str(admin))
    assert (refused.status_code, codes(refused)) == (409, ["last-admin"])
    await world.staff(organization, role="org.admin")
    assert (await ask(world, world.client.as_operator(), user_id=str(admin))).status_code == 201
    operator = await world.account()
    await world.rows(f"INSERT INTO user_roles (id, user_id, name) VALUES ('{uuid4()}', '{operator}', 'system.admin')")
    refused = await ask(world, world.client.as_operator(), user_id=str(operator))
    assert (refused.status_code, codes(refused)) == (409, ["operator"])


async def test_an_individual_takes_their_login_along_unless_it_is_used_otherwise(world: World) -> None:
    organization = world.orgs.organization_id
    _, participant = await world.confirmed()
    row = (await world.rows(f"SELECT primary_individual_id AS id FROM users WHERE id = '{participant}'"))[0]
    world.orgs.individuals[str(row.id)] = {
        "owner-id": str(organization),
        "owner-type": "organization",
        "user-id": str(participant),
    }
    operator = world.client.as_operator()
    made = (await ask(world, operator, type="indv", user_id=str(participant))).json()["data"]["attributes"]
    assert (made["user-id"], made["individual-id"]) == (str(participant), str(row.id))
    colleague = await world.staff(organization)
    own = world.individual(owner_id=organization, user_id=colleague)
    made = (await ask(world, operator, type="indv", individual_id=str(own))).json()["data"]["attributes"]
    assert (made["user-id"], made["individual-id"]) == (None, str(own))
    assert (await operator.get(f"/v1/users/{colleague}/")).status_code == 200
    unknown = await ask(world, operator, type="indv", individual_id=str(uuid4()))
    assert unknown.status_code == 404


async def test_one_request_a_person(world: World) -> None:
    individual = world.individual(owner_id=uuid4())
    operator = world.client.as_operator()
    first = await ask(world, operator, type="indv", individual_id=str(individual))
    again = await ask(world, operator, type="indv", individual_id=str(individual))
    assert (again.status_code, codes(again)) == (409, ["deletion-under-way"])
    assert again.json()["errors"][0]["meta"]["request-id"] == first.json()["data"]["id"]


async def test_sixteen_at_once_make_one_request(live_world: World) -> None:
    individual = live_world.individual(owner_id=uuid4())
    operator = live_world.client.as_operator()
    answers = await asyncio.gather(
        *(ask(live_world, operator, type="indv", individual_id=str(individual)) for _ in range(16))
    )
    assert sorted(one.status_code for one in answers) == [201] + [409] * 15


async def test_it_is_found_by_the_address(world: World) -> None:
    username, user_id = await world.confirmed(email().upper())
    made = await ask(world, world.client.as_operator(), user_id=str(user_id))
    found = (await world.client.as_operator().get(f"/v1/deletion-requests/?user-email={username.lower()}")).json()
    assert [row["id"] for row in found["data"]] == [made.json()["data"]["id"]]
    stranger = await world.client.as_(user_id=uuid4()).get(f"/v1/deletion-requests/?user-email={username.lower()}")
    assert stranger.json()["data"] == []
    missing = await world.client.as_operator().get("/v1/deletion-requests/")
    assert missing.status_code == 400
    assert UUID(made.json()["data"]["id"])
    assert await world.events(DeletionPurgeRequested) == []
