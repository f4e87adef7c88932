"""POST /v1/roles/{id}/add-user and remove-user."""

from uuid import uuid4

from authz.roles import commands
from contracts.authz import RoleUserAdded, RoleUserRemoved
from contracts.permissions import ROLE_IDS
from kernel import uuid7
from testkit.races import race


def body(**person):
    return {"data": {"type": "roles", "attributes": {name.replace("_", "-"): str(one) for name, one in person.items()}}}


async def test_added_once_and_removed(client, staffed, outbox):
    mine = client.as_(user_id=staffed.admin)
    url = f"/v1/roles/{staffed.admins.id}"
    before = len(await outbox())
    for _ in range(2):
        answer = await mine.post(f"{url}/add-user", json=body(user_id=staffed.leader))
        assert (answer.status_code, answer.json()) == (201, None)
    told = {
        "role_id": staffed.admins.id,
        "name": "org.admin",
        "user_id": staffed.leader,
        "organization_id": staffed.organization,
    }
    assert (await outbox())[before:] == [RoleUserAdded(**told)]
    assert (await mine.post(f"{url}/remove-user", json=body(user_id=staffed.leader))).status_code == 201
    assert (await outbox())[-1] == RoleUserRemoved(**told)
    assert (await mine.post(f"{url}/remove-user", json=body(user_id=staffed.leader))).status_code == 404


async def test_the_last_administrator_stays(client, staffed):
    mine = client.as_(user_id=staffed.admin)
    url = f"/v1/roles/{staffed.admins.id}/remove-user"
    answer = await mine.post(url, json=body(user_id=staffed.admin))
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (409, "last-admin")


async def test_a_new_admin_counts_at_once(client, staffed):
    url = f"/v1/roles/{staffed.admins.id}/add-user"
    await client.as_(user_id=staffed.admin).post(url, json=body(user_id=staffed.leader))
    assert (await client.as_(user_id=staffed.leader).post(url, json=body(user_id=staffed.member))).status_code == 201


async def test_by_email(client, staffed, people):
    nora = uuid7()
    people[nora] = "nora@clinic.test"
    mine = client.as_(user_id=staffed.admin)
    url = f"/v1/roles/{staffed.members.id}/add-user"
    assert (await mine.post(url, json=body(email="nora@clinic.test"))).status_code == 201
    unknown = await mine.post(url, json=body(email="nobody@clinic.test"))
    assert unknown.status_code == 404
    assert unknown.json()["errors"][0]["source"]["pointer"] == "/data/attributes/email"
    assert (await mine.post(url, json=body(user_id=uuid4()))).status_code == 404
    assert (await mine.post(url, json=body())).status_code == 400
    assert (await mine.post(url, json=body(user_id="x"))).status_code == 400


async def test_identity_away(client, staffed):
    url = f"/v1/roles/{staffed.members.id}/add-user"
    answer = await client.as_(user_id=staffed.admin).post(url, json=body(email="nora@clinic.test"))
    assert answer.status_code == 503


async def test_the_fixed_id_means_the_current_organization(client, staffed):
    mine = client.as_(user_id=staffed.admin, organization_id=staffed.organization)
    url = f"/v1/roles/{ROLE_IDS['org.member']}/add-user"
    assert (await mine.post(url, json=body(user_id=staffed.leader))).status_code == 201
    assert (await client.as_(user_id=staffed.admin).post(url, json=body(user_id=staffed.leader))).status_code == 404


async def test_who_may(client, staffed):
    url = f"/v1/roles/{staffed.members.id}/add-user"
    person = body(user_id=staffed.leader)
    assert (await client.as_(user_id=staffed.member).post(url, json=person)).status_code == 403
    assert (await client.as_(user_id=staffed.stranger).post(url, json=person)).status_code == 404
    assert (await client.as_(roles=("system.support",)).post(url, json=person)).status_code == 403
    assert (await client.as_operator().post(url, json=person)).status_code == 201
    system = f"/v1/roles/{ROLE_IDS['system.support']}/add-user"
    assert (await client.as_(user_id=staffed.admin).post(system, json=person)).status_code == 404
    assert (await client.as_operator().post(system, json=person)).status_code == 201
    assert (await client.as_operator().post(f"/v1/roles/{uuid4()}/add-user", json=person)).status_code == 404
    assert (await client.as_operator().post("/v1/roles/org.admin/add-user", json=person)).status_code == 404


async def test_admins_who_take_the_role_from_each_other_at_once(live):
    place, admins = uuid7(), [uuid7() for _ in range(8)]
    async with live.app.state.runtime.sessions.begin() as session:
        role = await commands.ensure(session, place, "org.admin")
        for admin in admins:
            await commands.give(session, role, admin)

    async def leave(number):
        mine = live.as_(user_id=admins[number])
        return (await mine.post(f"/v1/roles/{role.id}/remove-user", json=body(user_id=admins[number]))).status_code

    statuses = await race(leave, len(admins))
    assert sorted(statuses) == [201] * 7 + [409]
