"""GET and POST /v1/role-users."""

from uuid import uuid4

from contracts.permissions import ROLE_IDS
from kernel import uuid7


def body(role, **person):
    named = {"role_id": role, **person}
    attributes = {name.replace("_", "-"): str(one) for name, one in named.items()}
    return {"data": {"type": "role-users", "attributes": attributes}}


async def test_given_and_listed(client, staffed, people):
    people |= {staffed.admin: "ann@clinic.test", staffed.leader: "lea@clinic.test"}
    mine = client.as_(user_id=staffed.admin)
    made = await mine.post("/v1/role-users/", json=body(staffed.admins.id, email="lea@clinic.test"))
    assert made.status_code == 201
    document = made.json()["data"]
    assert isinstance(document["id"], int)
    assert document["attributes"] == {
        "role": {"id": str(staffed.admins.id), "name": "org.admin"},
        "user": {"id": str(staffed.leader), "email": "lea@clinic.test"},
    }
    again = await mine.post("/v1/role-users/", json=body(staffed.admins.id, user_id=staffed.leader))
    assert again.json()["data"] == document
    listed = await mine.get(f"/v1/role-users?role-id={staffed.admins.id}&page[limit]=1&page[offset]=1")
    assert listed.json() == {
        "data": [document],
        "meta": {"page[limit]": 1, "page[offset]": 1, "page[total]": 2},
    }


async def test_without_identity_the_email_is_missing(client, staffed):
    listed = await client.as_(user_id=staffed.member).get(f"/v1/role-users?role-id={staffed.admins.id}")
    assert listed.status_code == 200
    assert listed.json()["data"][0]["attributes"]["user"] == {"id": str(staffed.admin), "email": None}


async def test_who_may_list(client, staffed):
    url = f"/v1/role-users?role-id={staffed.admins.id}"
    assert (await client.as_(user_id=staffed.stranger).get(url)).status_code == 404
    assert (await client.as_service("orgs").get(url)).status_code == 200
    assert (await client.as_(roles=("system.support",)).get(url)).status_code == 200
    assert (await client.as_().get(f"/v1/role-users?role-id={ROLE_IDS['system.admin']}")).status_code == 404
    assert (await client.as_operator().get(f"/v1/role-users?role-id={uuid4()}")).status_code == 404
    assert (await client.as_operator().get("/v1/role-users")).status_code == 400
    assert (await client.as_operator().get("/v1/role-users?role-id=x")).status_code == 400


async def test_who_may_give(client, staffed):
    made = body(staffed.members.id, user_id=staffed.leader)
    assert (await client.as_(user_id=staffed.member).post("/v1/role-users", json=made)).status_code == 403
    assert (await client.as_(user_id=staffed.stranger).post("/v1/role-users", json=made)).status_code == 404
    missing = await client.as_operator().post("/v1/role-users", json=body(uuid7(), user_id=staffed.leader))
    assert missing.status_code == 404
    assert missing.json()["errors"][0]["source"]["pointer"] == "/data/attributes/role-id"
