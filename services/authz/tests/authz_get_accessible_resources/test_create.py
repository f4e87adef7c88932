"""POST /v1/authz-get-accessible-resources."""

import pytest
from contracts import orgs
from kernel import uuid7

URL = "/v1/authz-get-accessible-resources"


async def ask(client, user, *queries, **more):
    return await client.post(URL, json={"user-id": str(user), "access-query": list(queries), **more})


async def test_groups_of_a_leader(client, clinic):
    answer = await ask(client.as_(user_id=clinic.leader), clinic.leader, "group::read")
    assert answer.status_code == 201
    assert answer.json() == {
        "resource-ids": [str(clinic.top), str(clinic.ward), str(clinic.room)],
        "meta": {"page[limit]": 5000, "page[offset]": 0, "page[total]": 3},
    }
    assert "x-authz-revision" in answer.headers


async def test_queries_are_anded(client, clinic):
    caller = client.as_service("orgs")
    room = str(clinic.room)
    for queries, found in [
        (["group::read", f"group:{room}:write"], [room]),
        ([f"group:{room}:read"], [room]),
        (["group::contain", "group::write"], []),
        (["group::read", f"organization:{clinic.organization}:read"], [str(clinic.top), str(clinic.ward), room]),
        (["group::read", f"organization:{clinic.other}:read"], []),
        (["individual::read"], [str(clinic.file)]),
        (["system::read"], []),
        (["app.x::read"], []),
        (["planet::read"], []),
        (["group::paint"], []),
    ]:
        assert (await ask(caller, clinic.leader, *queries)).json()["resource-ids"] == found, queries
    assert (await ask(caller, clinic.operator, "system::read")).json()["resource-ids"] == ["admin"]


async def test_of_one_organization(client, clinic):
    caller = client.as_service("orgs")
    for place, total in [(clinic.organization, 1), (clinic.other, 0), (uuid7(), 0)]:
        answer = await ask(caller, clinic.leader, "individual::read", **{"organization-id": str(place).upper()})
        assert answer.json()["meta"]["page[total]"] == total


async def test_pages(client, clinic, index):
    replica = index()
    files = [uuid7() for _ in range(25)]
    for one in files:
        owned = orgs.IndividualRegistered(individual_id=one, owner_id=clinic.other, owner_type="organization")
        replica.apply("individual", str(one), 1, owned)
    caller = client.as_service("orgs")
    found = []
    for offset in range(0, 30, 10):
        page = {"page[limit]": 10, "page[offset]": offset}
        answer = (await ask(caller, clinic.stranger, "individual::write", **page)).json()
        assert answer["meta"] == {**page, "page[total]": 25}
        found += answer["resource-ids"]
    assert found == [str(one) for one in files]
    beyond = await ask(caller, clinic.stranger, "individual::write", **{"page[offset]": 1000})
    assert beyond.json() == {"resource-ids": [], "meta": {"page[limit]": 5000, "page[offset]": 1000, "page[total]": 25}}
    none = await ask(caller, clinic.stranger, "individual::write", **{"page[limit]": 0})
    assert none.json()["meta"]["page[total]"] == 25


@pytest.mark.parametrize(
    ("more", "pointer"),
    [
        ({"page[limit]": 100_001}, "/page[limit]"),
        ({"page[limit]": -1}, "/page[limit]"),
        ({"page[limit]": "10"}, "/page[limit]"),
        ({"page[offset]": -1}, "/page[offset]"),
        ({"organization-id": "clinic"}, "/organization-id"),
    ],
)
async def test_wrong_pages(client, clinic, more, pointer):
    answer = await ask(client.as_service("orgs"), clinic.leader, "group::read", **more)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["source"]["pointer"] == pointer


async def test_another_persons_list(client, clinic):
    assert (await ask(client.as_(user_id=clinic.member), clinic.leader, "group::read")).status_code == 403
    assert (await ask(client.as_(user_id=clinic.admin), clinic.leader, "group::read")).status_code == 201
    assert (await ask(client.as_(user_id=clinic.stranger), clinic.leader, "group::read")).status_code == 403
