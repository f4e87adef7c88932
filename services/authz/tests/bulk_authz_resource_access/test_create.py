"""POST /v1/bulk-authz-resource-access."""

from uuid import uuid4

import pytest

URL = "/v1/bulk-authz-resource-access"


async def ask(client, users, queries, **more):
    body = {"multi-user-ids": {"user-ids": [str(user) for user in users], "access-query": queries, **more}}
    return await client.post(URL, json=body)


async def test_all_queries_for_each_user(client, clinic):
    queries = [f"individual:{clinic.file}:read", f"group:{clinic.room}:write"]
    users = [clinic.leader, clinic.patient, clinic.disabled, uuid4()]
    answer = await ask(client.as_service("orgs"), users, queries)
    assert answer.status_code == 201
    assert answer.json()["access-queries"] == [
        {"access-query": queries, "allow": allow, "user-id": str(user)}
        for user, allow in zip(users, (True, False, False, False), strict=True)
    ]


async def test_each_query_for_each_user(client, clinic):
    queries = [f"individual:{clinic.file}:read", f"group:{clinic.room}:write", 'app.x:a "quoted" id:read']
    answer = await ask(client.as_service("orgs"), [clinic.patient, clinic.leader], queries, individually=True)
    entries = answer.json()["access-queries"]
    assert [entry["allow"] for entry in entries] == [True, False, False, True, True, False]
    assert [entry["access-query"] for entry in entries] == [[query] for query in queries] * 2


async def test_ten_thousand_decisions(client, clinic):
    queries = [f"individual:{clinic.file}:read"] * 10_000
    answer = await ask(client.as_service("orgs"), [clinic.leader], queries, individually=True)
    assert answer.status_code == 201
    assert all(entry["allow"] for entry in answer.json()["access-queries"])


@pytest.mark.parametrize(
    ("users", "queries", "pointer"),
    [
        (1, 10_001, "/multi-user-ids/access-query"),
        (10_001, 1, "/multi-user-ids/user-ids"),
        (1000, 101, "/multi-user-ids"),
        (0, 1, "/multi-user-ids/user-ids"),
        (1, 0, "/multi-user-ids/access-query"),
    ],
)
async def test_too_many_or_none(client, clinic, users, queries, pointer):
    answer = await ask(client.as_service("orgs"), [clinic.leader] * users, ["system:admin:read"] * queries)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["source"]["pointer"] == pointer


async def test_a_malformed_query_is_named(client, clinic):
    answer = await ask(client.as_service("orgs"), [clinic.leader], ["system:admin:read", "group:1:read"])
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["source"]["pointer"] == "/multi-user-ids/access-query/1"


async def test_one_user_without_right_refuses_all(client, clinic):
    mine = client.as_(user_id=clinic.admin)
    queries = [f"organization:{clinic.organization}:read"]
    assert (await ask(mine, [clinic.member, clinic.leader, clinic.patient], queries)).status_code == 201
    assert (await ask(mine, [clinic.member, clinic.stranger], queries)).status_code == 403
