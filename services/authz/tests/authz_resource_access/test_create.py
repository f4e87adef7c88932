"""POST /v1/authz-resource-access."""

from uuid import uuid4

import pytest
from contracts import orgs

URL = "/v1/authz-resource-access"


async def ask(client, user, *queries, **headers):
    return await client.post(URL, json={"user-id": str(user), "access-query": list(queries)}, headers=headers)


async def test_a_person_about_themselves(client, clinic):
    mine = client.as_(user_id=clinic.leader)
    answer = await ask(mine, clinic.leader, f"individual:{clinic.file}:read", f"group:{clinic.room}:write")
    assert (answer.status_code, answer.json()) == (201, {"allow": True})
    assert answer.headers["x-authz-revision"] == "0-0-0"
    answer = await ask(mine, clinic.leader, f"individual:{clinic.file}:read", f"organization:{clinic.other}:read")
    assert answer.json() == {"allow": False}


async def test_ids_in_upper_case(client, clinic):
    mine = client.as_(user_id=clinic.leader)
    answer = await ask(mine, str(clinic.leader).upper(), f"individual:{str(clinic.file).upper()}:read")
    assert answer.json() == {"allow": True}


@pytest.mark.parametrize(
    ("asker", "status"),
    [
        ("admin", 201),
        ("patient", 201),
        ("operator", 201),
        ("service", 201),
        ("member", 403),
        ("leader", 403),
        ("stranger", 403),
        ("disabled", 403),
    ],
)
async def test_who_may_ask_about_a_patient(client, clinic, asker, status):
    callers = {"operator": client.as_operator(clinic.operator), "service": client.as_service("orgs")}
    caller = callers.get(asker) or client.as_(user_id=getattr(clinic, asker, None))
    assert (await ask(caller, clinic.patient, f"individual:{clinic.file}:read")).status_code == status


async def test_support_may_ask_about_anybody(client, clinic):
    caller = client.as_(roles=("system.support",))
    assert (await ask(caller, clinic.stranger, f"organization:{clinic.other}:write")).json() == {"allow": True}


async def test_unknown_is_denied(client, clinic):
    caller = client.as_service("orgs")
    known = f"organization:{clinic.organization}:read"
    for user, query in [
        (uuid4(), known),
        (clinic.admin, f"organization:{uuid4()}:read"),
        (clinic.admin, f"planet:{clinic.organization}:read"),
        (clinic.admin, f"organization:{clinic.organization}:destroy"),
        (clinic.admin, "app.chart:free text:read"),
        (clinic.admin, "organization::read"),
        (clinic.disabled, known),
    ]:
        answer = await ask(caller, user, query)
        assert (answer.status_code, answer.json()) == (201, {"allow": False}), query


@pytest.mark.parametrize(
    "query",
    [
        "",
        "individual",
        "individual:x",
        "individual:not-a-uuid:read",
        ":x:read",
        "group:x:",
        "a:b:c:d",
        "app.x:" + "y" * 256 + ":read",
    ],
)
async def test_malformed_queries_are_named(client, clinic, query):
    good = f"group:{clinic.top}:read"
    answer = await ask(client.as_service("orgs"), clinic.admin, good, query)
    assert answer.status_code == 400
    error = answer.json()["errors"][0]
    assert error["source"] == {"pointer": "/access-query/1"}
    assert error["meta"]["query"].startswith(query[:200])


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "/access-query"),
        ({"access-query": [], "user-id": str(uuid4())}, "/access-query"),
        ({"access-query": ["system:admin:read"], "user-id": "me"}, "/user-id"),
        ({"access-query": ["system:admin:read"], "user-id": 3}, "/user-id"),
        ({"access-query": [3], "user-id": str(uuid4())}, "/access-query/0"),
        ({"access-query": ["system:admin:read"], "user-id": str(uuid4()), "more": 1}, "/more"),
        ({"access-query": ["system:admin:read"] * 10_001, "user-id": str(uuid4())}, "/access-query"),
    ],
)
async def test_wrong_bodies(client, clinic, body, pointer):
    answer = await client.as_service("orgs").post(URL, json=body)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["source"]["pointer"] == pointer


async def test_no_json_at_all(client, clinic):
    for content in (b"", b"{", b"\xff", b'"text"'):
        answer = await client.as_service("orgs").post(URL, content=content)
        assert answer.status_code == 400, content


async def test_fresh_enough_waits_for_an_event(client, clinic, index):
    replica = index()
    caller = client.as_service("orgs")
    query = f"organization:{clinic.organization}:read"
    for revision, status in [("0-0-0", 201), ("0-1-0", 409), ("ffffffff-0-0", 409), ("soon", 400), ("1-2", 400)]:
        answer = await ask(caller, clinic.admin, query, **{"x-authz-at-least": revision})
        assert answer.status_code == status, revision
    replica.reached("orgs", 1)
    answer = await ask(caller, clinic.admin, query, **{"x-authz-at-least": "0-1-0"})
    assert (answer.status_code, answer.headers["x-authz-revision"]) == (201, "0-1-0")


async def test_latest_asks_the_streams(client, clinic, index):
    replica = index()
    query = f"organization:{clinic.organization}:read"
    caller = client.as_service("orgs")
    assert (await ask(caller, clinic.admin, query, **{"x-authz-at-least": "latest"})).status_code == 409

    async def latest():
        return {"identity": 0, "orgs": 7, "authz": 0}

    replica.latest = latest
    assert (await ask(caller, clinic.admin, query, **{"x-authz-at-least": "latest"})).status_code == 409
    replica.reached("orgs", 7)
    assert (await ask(caller, clinic.admin, query, **{"x-authz-at-least": "latest"})).status_code == 201


async def test_a_move_shows_in_the_next_answer(client, clinic, index):
    replica = index()
    mine = client.as_(user_id=clinic.leader)
    query = f"individual:{clinic.file}:read"
    assert (await ask(mine, clinic.leader, query)).json() == {"allow": True}
    moved = orgs.GroupMoved(group_id=clinic.ward, organization_id=clinic.organization, parent_id=None)
    replica.apply("group", str(clinic.ward), 3, moved)
    assert (await ask(mine, clinic.leader, query)).json() == {"allow": False}
