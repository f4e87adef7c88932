"""POST /v1/roles."""

import pytest
from contracts.authz import RoleCreated
from contracts.permissions import role_id


def body(place, name, **more):
    return {"data": {"type": "roles", "attributes": {"name": name, "organization-id": str(place), **more}}}


async def test_an_admin_makes_a_role(client, staffed, outbox):
    mine = client.as_(user_id=staffed.admin)
    answer = await mine.post("/v1/roles", json=body(staffed.organization, "nurse", **{"display-name": "Nurse"}))
    assert answer.status_code == 201
    identifier = role_id("nurse", staffed.organization)
    assert answer.json()["data"]["id"] == str(identifier)
    assert (await outbox())[-1] == RoleCreated(role_id=identifier, name="nurse", organization_id=staffed.organization)
    again = await mine.post("/v1/roles", json=body(staffed.organization, "nurse"))
    assert again.status_code == 409


@pytest.mark.parametrize("name", ["", "system", "system.admin", "system.nurse", "Nurse", "a b", "x" * 65, "-x", "a..b"])
async def test_names_that_are_refused(client, staffed, name):
    answer = await client.as_(user_id=staffed.admin).post("/v1/roles", json=body(staffed.organization, name))
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["source"]["pointer"] == "/data/attributes/name"


async def test_who_may(client, staffed):
    made = body(staffed.organization, "nurse")
    assert (await client.as_(user_id=staffed.member).post("/v1/roles", json=made)).status_code == 403
    assert (await client.as_(user_id=staffed.stranger).post("/v1/roles", json=made)).status_code == 404
    assert (await client.as_service("orgs").post("/v1/roles", json=made)).status_code == 403
    assert (await client.as_operator().post("/v1/roles", json=made)).status_code == 201
    taken = body(staffed.organization, "org.admin")
    assert (await client.as_operator().post("/v1/roles", json=taken)).status_code == 409
