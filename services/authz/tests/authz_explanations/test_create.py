"""POST /v1/authz-explanations."""

from datetime import timedelta

from contracts import orgs
from contracts.authz import AccessGrantCreated
from contracts.permissions import role_id
from kernel import now, uuid7

URL = "/v1/authz-explanations"


async def ask(client, *queries, user=None, **more):
    named = {"user-id": str(user)} if user else {}
    return await client.post(URL, json={"access-query": list(queries), **named, **more})


async def explained(client, *queries, user=None, **more):
    answer = await ask(client, *queries, user=user, **more)
    assert answer.status_code == 201, answer.text
    return answer.json()


def steps(path):
    return [(one["fact"], one["subject"]["id"], one["object"]["id"]) for one in path]


async def test_the_path_that_allows(client, clinic):
    query = f"individual:{clinic.file}:read"
    found = await explained(client.as_service("orgs"), query, user=clinic.leader)
    assert found["allow"] is True
    (one,) = found["explanations"]
    assert (one["user-id"], one["access-query"], one["allow"]) == (str(clinic.leader), query, True)
    assert (one["missing"], one["hidden"]) == ([], False)
    leader, top, ward, room, file = map(str, (clinic.leader, clinic.top, clinic.ward, clinic.room, clinic.file))
    assert [steps(path) for path in one["paths"]] == [
        [("leads", leader, top), ("below", ward, top), ("below", room, ward), ("in-group", file, room)]
    ]
    found = await explained(client.as_service("orgs"), query, user=clinic.admin)
    role, place = str(role_id("org.admin", clinic.organization)), str(clinic.organization)
    path = found["explanations"][0]["paths"][0]
    assert steps(path) == [("has-role", str(clinic.admin), role), ("role-of", role, place), ("owns", place, file)]
    assert path[0]["role-name"] == "org.admin"


async def test_every_path_is_told(client, clinic, index):
    index(
        orgs.GroupPeopleChanged(
            group_id=uuid7(), organization_id=clinic.organization, kind="leader", added=(clinic.patient,)
        )
    )
    found = await explained(client.as_service("orgs"), f"group:{clinic.top}:contain", user=clinic.patient)
    patient, file, room, ward, top = map(str, (clinic.patient, clinic.file, clinic.room, clinic.ward, clinic.top))
    assert [steps(path) for path in found["explanations"][0]["paths"]] == [
        [("is", patient, file), ("in-group", file, room), ("below", room, ward), ("below", ward, top)]
    ]


def grant(clinic, **changes):
    whole = {
        "access_grant_id": uuid7(),
        "subject_type": "role",
        "subject_id": role_id("org.member", clinic.organization),
        "resource_type": "app.chart",
        "resource_id": f"{clinic.organization}/one",
        "operation": "view",
        "organization_id": clinic.organization,
    }
    return AccessGrantCreated(**(whole | changes))


async def test_grants(client, clinic, index):
    counts, over = grant(clinic), grant(clinic, expires_at=now() - timedelta(hours=1))
    strict = grant(clinic, operation="change", condition="context.shift == 'night'")
    index(counts, over, strict, grant(clinic, operation="change", subject_id=uuid7()))
    caller, thing = client.as_service("orgs"), f"{clinic.organization}/one"
    (one,) = (await explained(caller, f"app.chart:{thing}:view", user=clinic.member))["explanations"]
    assert [step["fact"] for step in one["paths"][0]] == ["has-role", "granted"]
    last = one["paths"][0][-1]
    assert (last["grant-id"], last["operation"]) == (str(counts.access_grant_id), "view")
    assert last["object"] == {"type": "app.chart", "id": thing}
    (one,) = (await explained(caller, f"app.chart:{thing}:change", user=clinic.member))["explanations"]
    assert one["missing"][0] == {
        "reason": "condition-false",
        "detail": "The condition of the grant is not true.",
        "grant-id": str(strict.access_grant_id),
    }
    night = {"context": {"shift": "night"}}
    assert (await explained(caller, f"app.chart:{thing}:change", user=clinic.member, **night))["allow"] is True


async def test_what_was_missing(client, clinic, index):
    lost = uuid7()
    index(
        orgs.GroupCreated(
            group_id=lost,
            organization_id=clinic.organization,
            parent_id=uuid7(),
            name="lost",
            node_type="group",
            type="regular",
        )
    )
    caller = client.as_service("orgs")
    for user, query, reasons in [
        (uuid7(), f"group:{clinic.room}:read", ["unknown-user"]),
        (clinic.disabled, f"group:{clinic.room}:read", ["disabled-user"]),
        (clinic.member, "planet:x:read", ["unknown-type"]),
        (clinic.member, f"group:{clinic.room}:paint", ["unknown-operation"]),
        (clinic.member, f"group:{uuid7()}:read", ["unknown-resource", "no-fact"]),
        (clinic.leader, f"group:{lost}:read", ["broken-chain", "no-fact"]),
        (clinic.member, f"group:{clinic.room}:read", ["no-fact"]),
        (clinic.member, "system:admin:read", ["no-fact"]),
        (clinic.member, "app.chart:one:view", ["no-fact"]),
    ]:
        found = await explained(caller, query, user=user)
        assert found["allow"] is False
        told = [one["reason"] for one in found["explanations"][0]["missing"]]
        assert list(dict.fromkeys(told)) == reasons, query


async def test_several_queries(client, clinic):
    queries = [f"group:{clinic.room}:read", f"group:{clinic.room}:paint"]
    found = await explained(client.as_service("orgs"), *queries, user=clinic.leader)
    assert found["allow"] is False
    assert [one["allow"] for one in found["explanations"]] == [True, False]
    page = {"page[limit]": 1, "page[offset]": 1}
    found = await explained(client.as_service("orgs"), *queries, user=clinic.leader, **page)
    assert [one["access-query"] for one in found["explanations"]] == queries[1:]
    assert found["meta"] == {"page[limit]": 1, "page[offset]": 1, "page[total]": 2}


async def test_a_list_explained(client, clinic):
    page = {"page[limit]": 2, "page[offset]": 1}
    found = await explained(client.as_service("orgs"), "group::write", user=clinic.leader, **page)
    assert found["allow"] is None
    assert [one["access-query"] for one in found["explanations"]] == [
        f"group:{clinic.ward}:write",
        f"group:{clinic.room}:write",
    ]
    assert [len(one["paths"][0]) for one in found["explanations"]] == [2, 3]
    assert found["meta"]["page[total]"] == 3


async def test_accessors_explained(client, clinic):
    found = await explained(client.as_service("orgs"), f"individual:{clinic.file}:write")
    users = {one["user-id"]: one["paths"][0][0]["fact"] for one in found["explanations"]}
    wanted = {clinic.admin: "has-role", clinic.leader: "leads", clinic.patient: "is"}
    assert users == {str(user): fact for user, fact in wanted.items()}
    own = {"organization-id": str(clinic.organization)}
    mine = client.as_(user_id=clinic.admin)
    assert (await explained(mine, f"individual:{clinic.file}:write", **own))["meta"]["page[total]"] == 3
    assert (await ask(mine, f"individual:{clinic.file}:write")).status_code == 403
    assert (await ask(client.as_(user_id=clinic.stranger), f"group:{clinic.ward}:read", **own)).status_code == 403


async def test_who_is_told_what(client, clinic):
    query, elsewhere = f"individual:{clinic.file}:read", f"group:{uuid7()}:read"
    (own,) = (await explained(client.as_(user_id=clinic.leader), query, user=clinic.leader))["explanations"]
    assert own["paths"]
    (seen,) = (await explained(client.as_(user_id=clinic.admin), query, user=clinic.leader))["explanations"]
    assert seen["paths"]
    own = client.as_(user_id=clinic.stranger)
    (there,) = (await explained(own, f"group:{clinic.room}:read", user=clinic.stranger))["explanations"]
    (nowhere,) = (await explained(own, elsewhere, user=clinic.stranger))["explanations"]
    assert there["missing"] == nowhere["missing"]
    assert (await ask(client.as_(user_id=clinic.member), query, user=clinic.leader)).status_code == 403


async def test_another_organizations_path_is_hidden(client, clinic, index):
    """An admin may ask about a person of theirs, and learns the decision but not the facts of elsewhere."""
    group = uuid7()
    place = {"group_id": group, "organization_id": clinic.other}
    index(
        orgs.GroupCreated(**place, parent_id=None, name="g", node_type="group", type="regular"),
        orgs.GroupPeopleChanged(**place, kind="leader", added=(clinic.leader,)),
    )
    (one,) = (await explained(client.as_(user_id=clinic.admin), f"group:{group}:read", user=clinic.leader))[
        "explanations"
    ]
    assert (one["allow"], one["paths"], one["hidden"]) == (True, [], True)


async def test_what_is_malformed(client, clinic):
    caller = client.as_service("orgs")
    for queries, user in [
        (["group::read", "group::write"], clinic.leader),
        (["group:x:read"], clinic.leader),
        ([], clinic.leader),
        (["group::read"], None),
        ([f"group:{clinic.room}:read"] * 2, None),
        ([f"group:{clinic.room}:read"] * 101, clinic.leader),
        (["group:read"], clinic.leader),
    ]:
        answer = await ask(caller, *queries, user=user)
        assert answer.status_code == 400, queries
        assert answer.json()["errors"][0]["source"]["pointer"].startswith("/access-query")
    for more in ({"page[limit]": 1001}, {"page[limit]": 0}, {"users": []}, {"context": 7}):
        assert (await ask(caller, f"group:{clinic.room}:read", user=clinic.leader, **more)).status_code == 400
