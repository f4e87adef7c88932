"""GET /v1/authz-resource-accessors."""

from uuid import uuid4

URL = "/v1/authz-resource-accessors"


async def ask(client, kind, *things, **more):
    named = {"resource-type": kind, "operation": "read", **more}
    return await client.get(URL, params={**named, "resource-id": [str(thing) for thing in things]})


async def test_who_may_read_an_individual(client, clinic):
    answer = await ask(client.as_service("orgs"), "individual", clinic.file)
    assert answer.status_code == 200
    wanted = sorted(str(user) for user in (clinic.admin, clinic.leader, clinic.patient))
    assert answer.json()["data"] == [{"id": user} for user in wanted]
    assert answer.json()["meta"]["page[total]"] == 3


async def test_of_several_resources_and_one_organization(client, clinic):
    caller = client.as_service("orgs")
    both = await ask(caller, "organization", clinic.organization, clinic.other, uuid4(), operation="write")
    assert {one["id"] for one in both.json()["data"]} == {str(clinic.admin), str(clinic.stranger)}
    narrowed = {"organization-id": str(clinic.other), "operation": "write"}
    one = await ask(caller, "organization", clinic.organization, clinic.other, **narrowed)
    assert one.json()["data"] == [{"id": str(clinic.stranger)}]
    nowhere = await ask(caller, "individual", clinic.file, **{"organization-id": str(uuid4())})
    assert nowhere.json()["data"] == []


async def test_who_may_ask(client, clinic):
    place = {"organization-id": str(clinic.organization)}
    assert (await ask(client.as_(user_id=clinic.admin), "individual", clinic.file, **place)).status_code == 200
    assert (await ask(client.as_(user_id=clinic.admin), "individual", clinic.file)).status_code == 403
    assert (await ask(client.as_(user_id=clinic.member), "individual", clinic.file, **place)).status_code == 403
    assert (await ask(client.as_(user_id=clinic.stranger), "individual", clinic.file, **place)).status_code == 403


async def test_wrong_parameters(client, clinic):
    caller = client.as_service("orgs")
    assert (await ask(caller, "group", clinic.top)).status_code == 400
    assert (await ask(caller, "individual", "x")).status_code == 400
    assert (await ask(caller, "individual")).status_code == 400
    assert (await ask(caller, "individual", *(uuid4() for _ in range(50)))).status_code == 200
    assert (await ask(caller, "individual", *(uuid4() for _ in range(51)))).status_code == 400
