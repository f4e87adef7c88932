"""Making and changing cohorts: `/api/projects/{project_id}/cohorts/`."""

import json
from uuid import UUID, uuid4

import pytest
from contracts.artifacts import CohortCreated, CohortDeleted, CohortUpdated
from kernel import prefixed_ulid

FILTERS = {
    "properties": {"type": "AND", "values": [{"type": "person", "key": "email", "operator": "is_set", "value": "x"}]}
}
GROUPS = [{"properties": {"team_id": 5}}]
NINE = {
    "days": None, "action_id": None, "event_id": None, "label": None, "count": None, "count_operator": None,
    "properties": [{"key": "team_id", "value": 5, "type": "person"}], "start_date": None, "end_date": None,
}  # fmt: skip


def nested(number, **more):
    return {"properties": {"type": "OR", "values": [{"type": "cohort", "key": "id", "value": number, **more}]}}


async def test_a_dynamic_cohort_waits_for_its_calculation(project, outbox):
    ann = await project.world.person("Ann", role="org.admin")
    caller = project.world.as_(user=ann.user_id)
    body = await project.send("POST", "", 201, caller, json={"name": "All", "description": "D", "filters": FILTERS})
    assert (body["id"], body["name"], body["description"], body["filters"]) == (1, "All", "D", FILTERS)
    assert (body["is_static"], body["is_calculating"], body["count"], body["cohort_type"]) == (False, True, None, None)
    assert (body["version"], body["pending_version"], body["errors_calculating"]) == (None, 1, 0)
    assert body["created_by"]["uuid"] == str(ann.user_id)
    assert await project.read(1) == body
    found = await project.world.post("cohorts/search", {})
    assert [row["name"] for row in found["cohorts"]] == ["All"]
    assert [event.number for event in await outbox() if isinstance(event, CohortCreated)] == [1]


async def test_read_only_and_unknown_members_are_passed_over(project):
    sent = {"id": 77, "count": 5, "created_by": {}, "is_calculating": True, "errors_calculating": 3, "other": 1}
    body = await project.make(name="X", is_static=True, last_calculation="2020-01-01T00:00:00Z", version=9, **sent)
    assert (body["id"], body["count"], body["errors_calculating"], body["created_by"]) == (1, 0, 0, None)
    assert (body["is_calculating"], body["last_calculation"], body["version"]) == (False, None, None)
    again = await project.change(1, **sent, name="Y")
    assert (again["id"], again["count"], again["name"]) == (1, 0, "Y")


async def test_a_whole_answer_posted_back_is_a_new_cohort(project):
    first = await project.make(name="X", filters=FILTERS)
    again = await project.make(**first)
    assert (again["id"], again["filters"]) == (2, FILTERS)


async def test_legacy_groups(project):
    body = await project.make(name="Old", groups=GROUPS)
    assert body["groups"] == [NINE]
    leaf = {"key": "team_id", "value": 5, "type": "person"}
    assert body["filters"] == {"properties": {"type": "OR", "values": [{"type": "AND", "values": [leaf]}]}}
    sent = [{"event_id": "$pageview", "days": 7, "count": 3, "count_operator": "gte"}]
    changed = await project.change(1, groups=sent)
    assert changed["groups"] == sent
    (group,) = changed["filters"]["properties"]["values"]
    assert group["values"][0]["value"] == "performed_event_multiple"
    entries = (await project.send("GET", "1/activity/"))["results"]
    assert entries[0]["detail"]["changes"] == [
        {"type": "Cohort", "action": "changed", "field": "groups", "before": [NINE], "after": sent}
    ]


@pytest.mark.parametrize("encoding", ["urlencoded", "multipart"])
async def test_a_form(project, encoding):
    fields = {"name": "Form", "is_static": "false", "groups": json.dumps(GROUPS)}
    options = {"data": fields} if encoding == "urlencoded" else {"files": {k: (None, v) for k, v in fields.items()}}
    body = await project.send("POST", "", 201, **options)
    assert (body["name"], body["is_static"], body["groups"]) == ("Form", False, [NINE])
    body = await project.send("PATCH", "1/", data={"filters": json.dumps(FILTERS), "description": "D"})
    assert (body["filters"], body["description"]) == (FILTERS, "D")


@pytest.mark.parametrize(
    ("body", "attr", "detail"),
    [
        ({"name": "x" * 401}, "name", "no more than 400"),
        ({"name": ["x"]}, "name", "valid string"),
        ({"name": "a\x00"}, "name", "Null characters"),
        ({"description": "x" * 1001}, "description", "no more than 1000"),
        ({"is_static": "maybe"}, "is_static", "boolean"),
        ({"groups": {}}, "groups", "list"),
        ({"groups": [{}]}, "groups", "properties, action_id or event_id"),
        ({"filters": []}, "filters", "Must contain a 'properties' key with type and values"),
        ({"filters": {}}, "filters", "Must contain a 'properties' key with type and values"),
        ({"filters": {"properties": {}}}, "filters", "Must contain a 'properties' key with type and values"),
        (
            {"filters": {"properties": {"type": "AND", "values": [{"type": "person", "key": "a"}]}}},
            "filters",
            "Missing required keys for person filter: value, operator",
        ),
        (
            {"filters": {"properties": {"type": "AND", "values": [{**FILTERS["properties"]["values"][0], "odd": 1}]}}},
            "filters",
            "odd",
        ),
        ({"query": "x", "is_static": True}, "query", "Query must be a dictionary."),
        (
            {"query": {"kind": "Odd"}, "is_static": True},
            "query",
            "Query must be an ActorsQuery or HogQLQuery. Got: Odd",
        ),
        (
            {"query": {"kind": "HogQLQuery", "query": "select id from persons"}},
            "query",
            "Cannot create a dynamic cohort with a query. Set is_static to true.",
        ),
        (
            {"query": {"kind": "HogQLQuery"}, "is_static": True, "filters": FILTERS},
            "query",
            "Cannot set both query and filters at the same time.",
        ),
        ({"cohort_type": "odd"}, "cohort_type", "not a valid choice"),
        (
            {"cohort_type": "behavioral", "filters": FILTERS},
            "cohort_type",
            "Cohort type 'behavioral' does not match the filters. Expected type: 'person_property'",
        ),
        ({"filters": nested(99)}, None, "Invalid Cohort ID in filter"),
        ({"is_static": True, "_create_static_person_ids": ["x"]}, "_create_static_person_ids", "valid UUID"),
        ({"is_static": True, "_create_static_person_ids": {}}, "_create_static_person_ids", "list"),
    ],
    ids=lambda value: str(value)[:40] if isinstance(value, str) else None,
)
async def test_bad_bodies(project, outbox, body, attr, detail):
    given = await project.make(400, **body)
    assert (given["type"], given["attr"]) == ("validation_error", attr), given
    assert detail in given["detail"]
    assert (await project.send("GET"))["count"] == 0
    assert [event for event in await outbox() if isinstance(event, CohortCreated)] == []


@pytest.mark.parametrize("content", ["{", "[]", '"x"', "\xff", "[" * 10000])
async def test_bodies_that_are_no_object(project, content):
    answer = await project.world.as_().post(
        "/api/projects/@current/cohorts/",
        content=content.encode("latin-1"),
        headers={"content-type": "application/json"},
    )
    assert answer.status_code == 400
    assert answer.json()["type"] == "validation_error"


async def test_types_follow_nested_cohorts(project):
    event = {"type": "behavioral", "key": "$pageview", "value": "performed_event", "event_type": "events",
             "time_value": 7, "time_interval": "day"}  # fmt: skip
    await project.make(name="Did", filters={"properties": {"type": "AND", "values": [event]}}, cohort_type="behavioral")
    refused = await project.make(400, name="Via", filters=nested(1), cohort_type="person_property")
    assert refused["detail"].endswith("Expected type: 'behavioral'")
    body = await project.make(name="Via", filters=nested("1"), cohort_type="behavioral")
    assert body["cohort_type"] == "behavioral"
    shown = await project.send("GET", "?hide_behavioral_cohorts=true")
    assert shown["count"] == 0
    await project.make(name="Plain", filters=FILTERS)
    assert [row["name"] for row in (await project.send("GET", "?hide_behavioral_cohorts=true"))["results"]] == ["Plain"]
    changed = await project.change(2, filters=FILTERS)
    assert changed["cohort_type"] is None


async def test_loops_are_refused_and_diamonds_are_not(project):
    await project.make(name="A", filters=FILTERS)
    await project.make(name="B", filters=nested(1))
    body = nested(1)
    body["properties"]["values"].append({"type": "cohort", "key": "id", "value": 2})
    await project.make(name="C", filters=body)
    before = await project.read(1)
    for number in (1, 2, 3):
        refused = await project.change(1, 400, filters=nested(number))
        assert refused == {
            "type": "validation_error", "code": "invalid_input", "attr": None,
            "detail": "Cohorts cannot reference other cohorts in a loop.",
        }  # fmt: skip
    assert (await project.change(1, 400, filters=nested(98)))["detail"] == "Invalid Cohort ID in filter"
    assert await project.read(1) == before


async def test_a_change_of_the_name_alone_calculates_anew(project):
    await project.make(name="A", filters=FILTERS)
    await project.make(name="B", filters=nested(1))
    body = await project.change(1, name="A2")
    assert (body["name"], body["pending_version"], body["filters"]) == ("A2", 2, FILTERS)
    assert (await project.read(2))["pending_version"] == 2


async def test_static_becomes_dynamic_and_back(project):
    await project.make(name="A", is_static=True)
    body = await project.change(1, is_static=False, groups=GROUPS)
    assert (body["is_static"], body["pending_version"], body["is_calculating"]) == (False, 1, True)
    body = await project.change(1, is_static=True)
    assert (body["is_static"], body["pending_version"]) == (True, 1)
    assert (await project.change(1, name="B"))["pending_version"] == 1


async def test_a_query_makes_a_static_one(project):
    query = {"kind": "HogQLQuery", "query": "select id from persons"}
    body = await project.make(name="Q", is_static=True, query=query)
    assert (body["query"], body["is_calculating"], body["pending_version"]) == (query, True, 1)
    assert (await project.change(1, name="Q2"))["pending_version"] == 1
    assert (await project.change(1, query=query))["pending_version"] == 2


async def test_deleting_and_bringing_back(project, outbox):
    ann = await project.world.person("Ann")
    await project.make(name="A", is_static=True, _create_static_person_ids=[str(ann.id)])
    body = await project.change(1, deleted=True)
    assert (body["deleted"], body["experiment_set"]) == (True, [])
    assert (await project.send("GET"))["count"] == 0
    assert (await project.read(1))["deleted"]
    assert await project.people(1) == []
    assert (await project.world.post("cohorts/search", {}))["total_count"] == 0
    assert len([event for event in await outbox() if isinstance(event, CohortDeleted)]) == 1
    refused = await project.change(1, 400, _create_static_person_ids=[str(ann.id)])
    assert refused["attr"] == "deleted"
    body = await project.change(1, deleted=False)
    assert (body["deleted"], body["count"]) == (False, 1)
    assert await project.people(1) == ["Ann Doe"]
    assert isinstance((await outbox())[-1], CohortUpdated)
    activities = [entry["activity"] for entry in (await project.send("GET", "1/activity/"))["results"]]
    assert activities == ["restored", "deleted", "persons_added_manually", "created"]


async def test_what_others_name_is_not_deleted(project):
    await project.make(name="A", filters=FILTERS)
    for name in "BCDEFGH":
        await project.make(name=name, filters=nested(1))
    uses = await project.send("GET", "1/used_in/")
    assert (uses["cohorts"]["total"], uses["cohorts"]["results"][0]) == (7, {"id": 2, "name": "B"})
    assert uses["feature_flags"] == uses["insights"] == {"results": [], "total": 0, "has_more": False}
    refused = await project.change(1, 400, deleted=True, name="Other")
    assert refused["detail"] == "This cohort is used as criteria in 7 other cohort(s): B, C, D, E, F and 2 more."
    assert (await project.read(1))["name"] == "A"
    v5 = await project.world.post("cohorts/search", {})
    (first,) = [row["cohort_id"] for row in v5["cohorts"] if row["name"] == "A"]
    answer = await project.world.post("cohorts/delete", {"cohort_ids": [first]})
    assert "used as criteria" in answer["results"][0]["message"]
    learning = await project.world.as_().delete(f"/api/v1/learning/cohorts/{prefixed_ulid('coh', UUID(first))}")
    assert (learning.status_code, learning.json()["code"]) == (409, "in-use")
    for number in range(2, 9):
        await project.change(number, deleted=True)
    assert (await project.change(1, deleted=True))["deleted"]
    assert (await project.change(2, 400, deleted=False))["detail"] == "Invalid Cohort ID in filter"


async def test_those_that_name_each_other_go_together(project):
    await project.make(name="A", filters=FILTERS)
    await project.make(name="B", filters=nested(1))
    ids = [row["cohort_id"] for row in (await project.world.post("cohorts/search", {}))["cohorts"]]
    answer = await project.world.post("cohorts/delete", {"cohort_ids": ids})
    assert all(one["success"] for one in answer["results"])


async def test_what_came_through_mcp_is_marked(project, outbox):
    await project.send("POST", "", 201, json={"name": "A", "is_static": True}, headers={"X-MCP": "true"})
    created = [event for event in await outbox() if isinstance(event, CohortCreated)]
    assert [event.mcp for event in created] == [True]
    assert (await project.world.post("cohorts/search", {}))["cohorts"][0]["mcp"]


async def test_a_file_must_be_one(project):
    refused = await project.send("POST", "", 400, data={"is_static": "true", "csv": "a,b"})
    assert refused["attr"] == "csv"


@pytest.mark.parametrize("options", [{"json": {"name": "x" * 1_100_000}}, {"data": {"name": "x" * 1_100_000}}])
async def test_only_files_may_be_large(project, options):
    assert (await project.send("POST", "", 413, **options))["code"] == "too_large"


async def test_put_changes_as_patch_does(project):
    await project.make(name="A", description="D", is_static=True)
    body = await project.send("PUT", "1/", json={"name": "B"})
    assert (body["name"], body["description"], body["is_static"]) == ("B", "D", True)


async def test_delete_is_never_allowed(project):
    await project.make(name="A")
    for number in (1, 9):
        body = await project.send("DELETE", f"{number}/", 405)
        assert body["code"] == "method_not_allowed"


async def test_basic_leaves_out_what_it_is_made_from(project):
    await project.make(name="A", filters=FILTERS)
    (row,) = (await project.send("GET", "?basic=true"))["results"]
    assert not {"filters", "groups", "query"} & row.keys()
    assert "basic=True" not in str((await project.send("GET", "?basic=true&limit=1"))["next"])


async def test_people_of_a_list(project):
    ann, away = await project.world.person("Ann"), None
    away = await project.world.person("Ola", organization=project.world.elsewhere)
    ids = [str(ann.id), str(away.id), str(uuid4()), str(ann.id)]
    body = await project.make(name="A", is_static=True, _create_static_person_ids=ids)
    assert (body["count"], body["is_calculating"]) == (1, False)
    body = await project.send("POST", "", 201, data={"is_static": "1", "_create_static_person_ids": json.dumps(ids)})
    assert body["count"] == 1
    body = await project.send("POST", "", 201, data={"is_static": "1", "_create_static_person_ids": ids})
    assert body["count"] == 1


async def test_an_idempotency_key(project):
    caller, headers = project.world.as_(user=uuid4()), {"idempotency-key": "k1"}
    files = {"csv": ("p.csv", b"a\nb\n", "text/csv")}
    first = await project.send("POST", "", 201, caller, json={"name": "A"}, headers=headers)
    assert await project.send("POST", "", 201, caller, json={"name": "A"}, headers=headers) == first
    await project.send("POST", "", 422, caller, json={"name": "B"}, headers=headers)
    body = await project.send(
        "POST", "", 201, caller, data={"is_static": "true"}, files=files, headers={"idempotency-key": "k2"}
    )
    assert body["id"] == 2
    assert (await project.send("GET"))["count"] == 2
