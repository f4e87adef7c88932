"""GET /v1/authz-individuals."""

from uuid import uuid4

URL = "/v1/authz-individuals"


async def ask(client, user, **more):
    return await client.get(URL, params={"user-id": str(user), "operation": "read", **more})


async def test_filters(client, clinic):
    caller = client.as_service("orgs")
    file = [str(clinic.file)]
    for more, found in [
        ({}, file),
        ({"operation": "write"}, file),
        ({"filter[organization-id]": str(clinic.organization)}, file),
        ({"filter[organization-id]": str(clinic.other)}, []),
        ({"filter[group-id]": str(clinic.room)}, file),
        ({"filter[group-id]": str(clinic.ward)}, []),
        ({"filter[group-id]": str(uuid4())}, []),
        ({"filter[group-members-with-leader-id]": str(clinic.leader)}, file),
        ({"filter[group-members-with-leader-id]": str(clinic.member)}, []),
        ({"filter[exclude-owner-ids]": str(clinic.organization)}, []),
        ({"filter[exclude-owner-ids]": str(uuid4())}, file),
        ({"page[offset]": "5"}, []),
    ]:
        answer = await ask(caller, clinic.admin, **more)
        assert answer.status_code == 200, more
        assert answer.json()["resource-ids"] == found, more


async def test_wrong_parameters(client, clinic):
    caller = client.as_service("orgs")
    for more, name in [({"operation": "contain"}, "operation"), ({"filter[group-id]": "x"}, "filter[group-id]")]:
        answer = await ask(caller, clinic.admin, **more)
        assert answer.status_code == 400
        assert answer.json()["errors"][0]["source"]["parameter"] == name
    assert (await caller.get(URL)).status_code == 400
    assert (await ask(client.as_(user_id=clinic.member), clinic.admin)).status_code == 403
