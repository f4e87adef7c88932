"""POST /v1/access-grants."""

from datetime import timedelta

import pytest
from authz.access_grants import commands
from authz.access_grants.models import AccessGrant
from contracts.authz import AccessGrantCreated
from contracts.permissions import ROLE_IDS
from kernel import now, uuid7

URL = "/v1/access-grants/"


def errors(answer):
    return [(one["status"], one["code"], one["source"]["pointer"]) for one in answer.json()["errors"]]


async def allowed(client, user, query, **more):
    asked = {"user-id": str(user), "access-query": [query], **more}
    answer = await client.as_service("orgs").post("/v1/authz-resource-access", json=asked)
    assert answer.status_code == 201
    return answer.json()["allow"]


async def test_made_announced_and_counted(client, ward, body, outbox, index):
    mine = client.as_(user_id=ward.admin)
    until = now() + timedelta(hours=1)
    answer = await mine.post(URL, json=body(ward, expires_at=until.isoformat(), condition="context.shift == 'night'"))
    assert answer.status_code == 201
    grant = answer.json()["data"]
    assert grant["attributes"]["expired"] is False
    assert grant["attributes"]["created-by"] == str(ward.admin)
    assert (await mine.get(f"{URL}{grant['id']}")).json()["data"] == grant
    told = (await outbox())[-1]
    assert isinstance(told, AccessGrantCreated)
    assert (str(told.access_grant_id), told.resource_id, told.expires_at) == (grant["id"], str(ward.room), until)
    query = f"group:{ward.room}:read"
    assert not await allowed(client, ward.member, query)
    index().apply("access_grant", grant["id"], 1, told)
    assert await allowed(client, ward.member, query, context={"shift": "night"})
    assert not await allowed(client, ward.member, query, context={"shift": "day"})
    assert not await allowed(client, ward.member, query)


async def test_on_what_and_to_whom_an_admin_grants(client, ward, body):
    mine = client.as_(user_id=ward.admin)
    app = {"resource_type": "app.chart", "operation": "view"}
    for changes in (
        {"resource_type": "organization", "resource_id": ward.organization},
        {"resource_type": "individual", "resource_id": str(ward.file).upper(), "operation": "write"},
        {"subject_type": "role", "subject_id": ward.nurses.id},
        {"subject_type": "role", "subject_id": ROLE_IDS["org.admin"]},
        {"subject_type": "group", "subject_id": ward.ward},
        {"subject_type": "participants", "subject_id": ward.ward, "operation": "contain"},
        {**app, "resource_id": f"{ward.organization}/heart rates"},
    ):
        answer = await mine.post(URL, json=body(ward, **changes))
        assert answer.status_code == 201, (changes, answer.text)
    for changes, where in (
        ({"organization_id": ward.other}, "organization-id"),
        ({"resource_type": "organization", "resource_id": ward.other}, "resource-id"),
        ({"resource_id": uuid7()}, "resource-id"),
        ({"resource_type": "individual", "resource_id": uuid7()}, "resource-id"),
        ({**app, "resource_id": "heart rates"}, "resource-id"),
        ({**app, "resource_id": f"{ward.other}/heart rates"}, "resource-id"),
        ({"subject_id": ward.stranger}, "subject-id"),
        ({"subject_id": uuid7()}, "subject-id"),
        ({"subject_type": "role", "subject_id": ward.other_admins.id}, "subject-id"),
        ({"subject_type": "role", "subject_id": ROLE_IDS["system.admin"]}, "subject-id"),
        ({"subject_type": "group", "subject_id": uuid7()}, "subject-id"),
    ):
        answer = await mine.post(URL, json=body(ward, **changes))
        assert errors(answer) == [("404", "not-found", f"/data/attributes/{where}")], changes


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({"resource_type": "planet"}, "resource-type"),
        ({"resource_type": "system", "resource_id": "admin"}, "resource-type"),
        ({"resource_type": "app."}, "resource-type"),
        ({"resource_type": "app.Chart"}, "resource-type"),
        ({"resource_id": "room"}, "resource-id"),
        ({"resource_id": "a:b"}, "resource-id"),
        ({"resource_id": ""}, "resource-id"),
        ({"operation": "paint"}, "operation"),
        ({"operation": "Read"}, "operation"),
        ({"subject_type": "planet"}, "subject-type"),
        ({"subject_id": "x"}, "subject-id"),
        ({"organization_id": None}, "organization-id"),
        ({"expires_at": "2020-01-01T00:00:00Z"}, "expires-at"),
        ({"expires_at": "2120-01-01T00:00:00"}, "expires-at"),
        ({"expires_at": "tomorrow"}, "expires-at"),
        ({"expires_at": "9999-12-31T23:59:59-12:00"}, "expires-at"),
        ({"expires_at": "0001-01-01T00:00:00+12:00"}, "expires-at"),
        ({"condition": ""}, "condition"),
        ({"condition": "1 +"}, "condition"),
        ({"condition": "x" * 1001}, "condition"),
        ({"condition": "true || " * 10 + "context.a == 'b' || " * 21 + "true"}, "condition"),
        ({"condition": "size([1] + [1] + [1] + [1] + [1] + [1]) > 1"}, "condition"),
        ({"condition": "true\n"}, "condition"),
        ({"condition": "(" * 400 + "true" + ")" * 400}, "condition"),
        ({"condition": "user.id == 'a'"}, "condition"),
        ({"condition": "context.roles.exists(role, role == 'a')"}, "condition"),
        ({"condition": "context.text.matches('(a+)+b')"}, "condition"),
    ],
)
async def test_what_is_malformed(client, ward, body, changes, where):
    answer = await client.as_(user_id=ward.admin).post(URL, json=body(ward, **changes))
    assert answer.status_code == 400
    assert errors(answer)[0][2] == f"/data/attributes/{where}"


async def test_services_and_the_operator_grant_anything(client, ward, body):
    free = {"organization_id": None, "subject_id": uuid7(), "resource_type": "app.x", "resource_id": "y"}
    for caller in (client.as_service("artifacts"), client.as_operator()):
        assert (await caller.post(URL, json=body(ward, **free))).status_code == 201
        system = body(ward, **free | {"subject_type": "role", "subject_id": ROLE_IDS["system.support"]})
        assert (await caller.post(URL, json=system)).status_code == 201
    support = client.as_(roles=("system.support",))
    assert (await support.post(URL, json=body(ward))).status_code == 403


async def test_as_many_as_there_may_be(client, ward, body, session, monkeypatch):
    monkeypatch.setattr(commands, "MOST_ON_RESOURCE", 3)
    monkeypatch.setattr(commands, "MOST_CONDITIONS_OF_SUBJECT", 2)
    mine = client.as_(user_id=ward.admin)
    for _ in range(2):
        assert (await mine.post(URL, json=body(ward, condition="true"))).status_code == 201
    answer = await mine.post(URL, json=body(ward, condition="true"))
    assert errors(answer) == [("409", "too-many-grants", "/data/attributes/subject-id")]
    last = await mine.post(URL, json=body(ward))
    assert last.status_code == 201
    answer = await mine.post(URL, json=body(ward))
    assert errors(answer) == [("409", "too-many-grants", "/data/attributes/resource-id")]
    identifier = last.json()["data"]["id"]
    changes = {"data": {"type": "access-grants", "id": identifier, "attributes": {"condition": "true"}}}
    assert (await mine.patch(f"{URL}{identifier}", json=changes)).status_code == 409
    assert (await session.get(AccessGrant, identifier)).condition is None
