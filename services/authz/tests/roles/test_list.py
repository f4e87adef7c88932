"""GET /v1/roles."""

from uuid import uuid4

from contracts.permissions import ROLE_IDS, role_id


def names(answer):
    assert answer.status_code == 200
    return [role["attributes"]["name"] for role in answer.json()["data"]]


async def test_staff_see_their_organizations_roles(client, staffed):
    mine = client.as_(user_id=staffed.member, organization_id=staffed.organization)
    answer = await mine.get("/v1/roles/")
    assert names(answer) == ["org.admin", "org.member"]
    assert answer.json()["data"][0] == {
        "type": "roles",
        "id": str(role_id("org.admin", staffed.organization)),
        "attributes": {
            "name": "org.admin",
            "display-name": "Administrator",
            "organization-id": str(staffed.organization),
            "organization": {"id": str(staffed.organization), "name": "clinic", "display-name": "Clinic"},
        },
    }
    assert names(await mine.get("/v1/roles", params={"filter[name]": "org.member"})) == ["org.member"]


async def test_of_one_organization(client, staffed):
    url = f"/v1/roles?organization-id={staffed.organization}"
    assert names(await client.as_(user_id=staffed.admin).get(url)) == ["org.admin", "org.member"]
    assert names(await client.as_service("orgs").get(url)) == ["org.admin", "org.member"]
    assert (await client.as_(user_id=staffed.stranger).get(url)).status_code == 404
    assert (await client.as_().get(f"/v1/roles?organization-id={uuid4()}")).status_code == 404
    assert (await client.as_().get("/v1/roles?organization-id=clinic")).status_code == 400
    assert (await client.as_().get("/v1/roles?filter[name]=a%00")).status_code == 400


async def test_the_systems_roles_exist_and_are_seen_by_its_staff(client, staffed):
    found = await client.as_operator().get("/v1/roles?page[limit]=2")
    assert names(found) == ["system.admin", "system.support"]
    assert found.json()["data"][0]["id"] == str(ROLE_IDS["system.admin"])
    assert found.json()["data"][0]["attributes"]["organization"] is None
    assert found.json()["meta"]["page[total]"] == 5
    assert names(await client.as_().get("/v1/roles")) == []
