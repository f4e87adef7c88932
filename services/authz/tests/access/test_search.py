"""POST /access/v1/search/…"""

import base64

import msgspec
from contracts import orgs
from contracts.authz import AccessGrantCreated
from kernel import uuid7

SUBJECT, RESOURCE, ACTION = (f"/access/v1/search/{name}" for name in ("subject", "resource", "action"))


def entity(kind, identifier):
    return {"type": kind, "id": str(identifier)}


async def results(client, url, **asked):
    answer = await client.as_service("artifacts").post(url, json=asked)
    assert answer.status_code == 200, answer.text
    assert next(iter(answer.json())) == "page"
    return answer.json()["results"]


async def test_subjects(client, clinic):
    asked = {"action": {"name": "read"}, "resource": entity("individual", clinic.file)}
    wanted = [entity("user", one) for one in sorted((clinic.admin, clinic.leader, clinic.patient), key=str)]
    assert await results(client, SUBJECT, subject={"type": "user"}, **asked) == wanted
    assert await results(client, SUBJECT, subject=entity("user", clinic.stranger), **asked) == wanted
    assert await results(client, SUBJECT, subject={"type": "user", "id": 7}, **asked) == wanted
    for change in (
        {"subject": {"type": "spaceship"}},
        {"resource": entity("individual", uuid7())},
        {"resource": entity("individual", "record-1")},
        {"resource": entity("record", "record-1")},
        {"action": {"name": "paint"}},
    ):
        assert await results(client, SUBJECT, **({"subject": {"type": "user"}} | asked | change)) == []
    admin = {"action": {"name": "x"}, "resource": entity("system", "admin")}
    assert await results(client, SUBJECT, subject={"type": "user"}, **admin) == [entity("user", clinic.operator)]


async def test_subjects_for_an_admin_are_those_of_the_organization(client, clinic, index):
    index(orgs.GroupPeopleChanged(group_id=clinic.ward, organization_id=clinic.organization, kind="leader"))
    asked = {
        "subject": {"type": "user"},
        "action": {"name": "read"},
        "resource": entity("organization", clinic.organization),
    }
    mine = client.as_(user_id=clinic.admin, organization_id=clinic.organization)
    found = (await mine.post(SUBJECT, json=asked)).json()["results"]
    assert entity("user", clinic.operator) not in found
    assert {one["id"] for one in found} == {str(one) for one in (clinic.admin, clinic.member, clinic.leader)}
    for caller in (client.as_(user_id=clinic.admin), client.as_(user_id=clinic.member)):
        assert (await caller.post(SUBJECT, json=asked)).status_code == 403


async def test_resources(client, clinic):
    asked = {"subject": entity("user", clinic.leader), "action": {"name": "read"}}
    groups = [entity("group", one) for one in (clinic.top, clinic.ward, clinic.room)]
    assert await results(client, RESOURCE, **asked, resource={"type": "group", "id": "x"}) == groups
    assert await results(client, RESOURCE, **asked, resource={"type": "spaceship"}) == []
    for other in (entity("user", "nobody"), entity("user", uuid7()), entity("robot", clinic.leader)):
        assert await results(client, RESOURCE, **(asked | {"subject": other}), resource={"type": "group"}) == []
    refused = await client.as_(user_id=clinic.member).post(RESOURCE, json=asked | {"resource": {"type": "group"}})
    assert refused.status_code == 403


async def test_actions(client, clinic, index):
    made = AccessGrantCreated(
        access_grant_id=uuid7(),
        subject_type="user",
        subject_id=clinic.leader,
        resource_type="app.chart",
        resource_id="one",
        operation="view",
        condition="context.shift == 'night'",
    )
    index(made)
    leader = entity("user", clinic.leader)
    for resource, context, names in [
        (entity("group", clinic.room), {}, ["read", "write"]),
        (entity("group", uuid7()), {}, []),
        (entity("app.chart", "one"), {}, []),
        (entity("app.chart", "one"), {"shift": "night"}, ["view"]),
        (entity("spaceship", "one"), {}, []),
    ]:
        found = await results(client, ACTION, subject=leader, resource=resource, context=context)
        assert found == [{"name": name} for name in names], resource
    admin = await results(client, ACTION, subject=entity("user", clinic.operator), resource=entity("system", "admin"))
    assert admin == [{"name": "read"}, {"name": "write"}]


async def test_what_is_malformed(client, clinic):
    caller, subject, action = client.as_service("x"), entity("user", clinic.leader), {"name": "read"}
    group = entity("group", clinic.room)
    for url, wrong in [
        (SUBJECT, {"subject": {"type": "user"}, "resource": group}),
        (SUBJECT, {"subject": {"type": "user"}, "action": action, "resource": {"type": "group"}}),
        (RESOURCE, {"action": action, "resource": {"type": "group"}}),
        (RESOURCE, {"subject": {"type": "user"}, "action": action, "resource": {"type": "group"}}),
        (ACTION, {"subject": subject}),
        (RESOURCE, {"subject": subject, "action": action, "resource": {"type": "group"}, "page": {"limit": 0}}),
        (RESOURCE, {"subject": subject, "action": action, "resource": {"type": "group"}, "page": {"limit": 10_001}}),
        (RESOURCE, {"subject": subject, "action": action, "resource": {"type": "group"}, "page": {"token": "x"}}),
        (RESOURCE, {"subject": subject, "action": action, "resource": {"type": "group"}, "page": {"token": "é"}}),
        (RESOURCE, {"subject": subject, "action": action, "resource": {"type": "group"}, "page": 7}),
    ]:
        assert (await caller.post(url, json=wrong)).status_code == 400, wrong


async def test_pages_keep_their_place_while_things_come_and_go(client, clinic, index):
    replica, caller = index(), client.as_service("artifacts")
    files = sorted(uuid7() for _ in range(9))

    def register(one):
        owned = orgs.IndividualRegistered(individual_id=one, owner_id=clinic.other, owner_type="organization")
        replica.apply("individual", str(one), 1, owned)

    for one in files[1:]:
        register(one)
    asked = {
        "subject": entity("user", clinic.stranger),
        "action": {"name": "read"},
        "resource": {"type": "individual"},
    }
    first = (await caller.post(RESOURCE, json=asked | {"page": {"limit": 4}})).json()
    assert first["page"] == {"next_token": first["page"]["next_token"], "count": 4, "total": 8}
    register(files[0])
    gone = orgs.IndividualUpdated(individual_id=files[1], owner_id=clinic.organization, owner_type="organization")
    replica.apply("individual", str(files[1]), 2, gone)
    second = (await caller.post(RESOURCE, json=asked | {"page": {"token": first["page"]["next_token"]}})).json()
    found = [one["id"] for one in first["results"] + second["results"]]
    assert found == [str(one) for one in files[1:]]
    assert second["page"]["next_token"] == ""


async def test_a_token_belongs_to_its_search(client, clinic):
    caller = client.as_service("artifacts")
    asked = {"subject": entity("user", clinic.leader), "action": {"name": "read"}, "resource": {"type": "group"}}
    token = (await caller.post(RESOURCE, json=asked | {"page": {"limit": 1}})).json()["page"]["next_token"]
    for change in ({"action": {"name": "write"}}, {"context": {"a": 1}}, {"subject": entity("user", clinic.admin)}):
        answer = await caller.post(RESOURCE, json=asked | change | {"page": {"token": token}})
        assert answer.status_code == 400
    search, _, last = msgspec.json.decode(base64.urlsafe_b64decode(token))
    endless = base64.urlsafe_b64encode(msgspec.json.encode([search, 10**9, last])).decode()
    assert (await caller.post(RESOURCE, json=asked | {"page": {"token": endless}})).status_code == 400
