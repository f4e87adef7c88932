"""`…/persons/`, and persons by hand."""

import json
from uuid import uuid4

import pytest
from artifacts.cohorts.models import Cohort, CohortMember
from artifacts.persons.models import Person
from kernel import uuid7
from sqlalchemy import insert, update
from testkit.principals import ISSUER, key_token

KEYS = {
    "id", "uuid", "type", "name", "distinct_ids", "properties", "created_at", "last_seen_at", "is_identified",
    "matched_recordings", "value_at_data_point",
}  # fmt: skip


async def crowd(project, several, number=1):
    """A static cohort of that many persons, in the order of their names' numbers."""
    session, world = project.world.session, project.world
    await project.make(name="Crowd", is_static=True)
    ids = [uuid7() for _ in range(several)]
    rows = [
        {
            "id": one,
            "organization_id": world.organization,
            "properties": {"name": f"P{place}", "even": place % 2 == 0, "place": place},
        }
        for place, one in enumerate(ids)
    ]
    await session.execute(insert(Person), rows)
    (cohort_id,) = await session.scalars(
        update(Cohort).where(Cohort.number == number).values(member_count=several).returning(Cohort.id)
    )
    await session.execute(
        insert(CohortMember), [{"cohort_id": cohort_id, "profile_id": one, "source": "hand"} for one in ids]
    )
    await session.flush()
    return ids


async def test_a_person(project):
    ann = await project.world.person("Ann")
    await project.make(name="A", is_static=True, _create_static_person_ids=[str(ann.id)])
    (row,) = (await project.send("GET", "1/persons/"))["results"]
    assert set(row) == KEYS
    assert (row["id"], row["uuid"], row["type"], row["name"]) == (str(ann.id), str(ann.id), "person", "Ann Doe")
    assert row["distinct_ids"] == [str(ann.user_id), "ann@example.org"] or set(row["distinct_ids"]) == {
        str(ann.user_id),
        "ann@example.org",
    }
    assert (row["properties"]["email"], row["is_identified"]) == ("ann@example.org", True)
    assert (row["matched_recordings"], row["value_at_data_point"]) == ([], None)


async def test_pages_follow_each_other(project):
    await crowd(project, 150)
    seen, path = [], "1/persons/"
    while path:
        body = await project.send("GET", path)
        seen.append([row["name"] for row in body["results"]])
        path = (body["next"] or "").removeprefix(f"{ISSUER}/api/projects/@current/cohorts/")
    assert [len(page) for page in seen] == [100, 50]
    assert [name for page in seen for name in page] == [f"P{place}" for place in reversed(range(150))]
    assert body["previous"] == f"{ISSUER}/api/projects/@current/cohorts/1/persons/?limit=100&offset=0"


async def test_an_exact_multiple_ends_with_an_empty_page(project):
    await crowd(project, 4)
    body = await project.send("GET", "1/persons/?limit=2&offset=2")
    assert body["next"] == f"{ISSUER}/api/projects/@current/cohorts/1/persons/?limit=2&offset=4"
    last = await project.send("GET", "1/persons/?limit=2&offset=4")
    assert (last["results"], last["next"]) == ([], None)
    assert (await project.send("GET", "1/persons/?limit=2&offset=1"))["previous"] is None


async def test_any_page_is_the_same_from_wherever_it_is_come_to(project):
    await crowd(project, 60)
    names = [f"P{place}" for place in reversed(range(60))]
    for limit in (7, 25):
        for offset in (0, 50, 30, 31, 29, 59, 60, 12, 40, 3):
            found = await project.people(1, limit=limit, offset=offset)
            assert found == names[offset : offset + limit], (limit, offset)
    await project.send("PATCH", "1/remove_person_from_static_cohort/", json={"person_id": await _id(project, "P30")})
    names.remove("P30")
    for offset in (50, 20, 29, 31, 0):
        assert await project.people(1, limit=9, offset=offset) == names[offset : offset + 9]


async def _id(project, name):
    (row,) = (await project.send("GET", f"1/persons/?search={name}"))["results"]
    return row["id"]


@pytest.mark.parametrize(
    ("parameters", "names"),
    [
        ({"search": "ann"}, ["Ann Doe"]),
        ({"search": "BOB@EX"}, ["Bob Doe"]),
        ({"search": "%"}, []),
        ({"search": "doe", "limit": 1}, ["Bob Doe"]),
        ({"search": "doe", "limit": 1, "offset": 1}, ["Ann Doe"]),
        ({"properties": [{"key": "email", "value": "ann@example.org"}]}, ["Ann Doe"]),
        ({"properties": [{"key": "email", "value": ["ann@example.org", "x"], "type": "person"}]}, ["Ann Doe"]),
        ({"properties": [{"key": "email", "value": "EXAMPLE", "operator": "icontains"}]}, ["Bob Doe", "Ann Doe"]),
        ({"properties": [{"key": "email", "value": "ann", "operator": "not_icontains"}]}, ["Bob Doe"]),
        (
            {"properties": [{"key": "email", "operator": "is_set"}, {"key": "first_name", "value": "Bob"}]},
            ["Bob Doe"],
        ),
        ({"properties": [{"type": "cohort", "key": "id", "value": 2}]}, ["Ann Doe"]),
        ({"properties": []}, ["Bob Doe", "Ann Doe"]),
    ],
    ids=lambda value: json.dumps(value)[:60],
)
async def test_search_and_conditions(project, parameters, names):
    ann, bob = await project.world.person("Ann"), await project.world.person("Bob")
    await project.make(name="A", is_static=True, _create_static_person_ids=[str(ann.id), str(bob.id)])
    await project.make(name="B", is_static=True, _create_static_person_ids=[str(ann.id)])
    if "properties" in parameters:
        parameters = {"properties": json.dumps(parameters["properties"])}
    assert await project.people(1, **parameters) == names
    file = await project.send("GET", "1/persons.csv", params=parameters)
    assert file.count("\r\n") == len(names) + 1
    if "limit" not in parameters:
        user = str(ann.user_id)
        assert await project.people(1, search=user[:20]) == ["Ann Doe"]


@pytest.mark.parametrize(
    "parameters",
    [
        {"properties": "x"},
        {"properties": "{}"},
        {"properties": '[{"key": "a"}]'},
        {"properties": '[{"key": "a", "value": "(", "operator": "regex"}]'},
        {"limit": 0},
        {"offset": -1},
        {"search": "x" * 201},
        {"format": "xml"},
    ],
)
async def test_bad_parameters(project, parameters):
    await project.make(name="A", is_static=True)
    body = await project.send("GET", "1/persons/", 400, params=parameters)
    assert (body["type"], body["attr"]) == ("validation_error", next(iter(parameters)))


async def test_the_older_address_and_scopes(project):
    ann = await project.world.person("Ann")
    await project.make(name="A", is_static=True, _create_static_person_ids=[str(ann.id)])
    for slash in ("", "/"):
        answer = await project.world.as_().get(f"/api/cohort/1/persons{slash}?limit=1")
        assert [row["name"] for row in answer.json()["results"]] == ["Ann Doe"]
        assert answer.json()["next"] == f"{ISSUER}/api/cohort/1/persons/?limit=1&offset=1"
    key = key_token(organization_id=project.world.organization, scopes=("cohort:read",))
    answer = await project.world.client.with_token(key).get("/api/cohort/1/persons/")
    assert (answer.status_code, answer.json()["type"]) == (403, "authentication_error")


async def test_another_organizations(project):
    await project.make(name="A", is_static=True)
    other = project.world.as_(organization=project.world.elsewhere)
    for path in ("1/persons/", "1/persons.csv", "1/activity/", "1/used_in/", "1/calculation_history/"):
        assert (await project.send("GET", path, 404, other))["code"] == "not_found"
    for number in (0, 2, 10**30):
        await project.send("GET", f"{number}/persons/", 404)


ADD, REMOVE = "1/add_persons_to_static_cohort/", "1/remove_person_from_static_cohort/"


async def test_by_hand(project, outbox):
    ann, bob = await project.world.person("Ann"), await project.world.person("Bob")
    await project.make(name="A", is_static=True)
    ids = [str(ann.id), str(bob.id), str(uuid4()), "nonsense", str(ann.id)]
    assert await project.send("PATCH", ADD, json={"person_ids": ids}) == {"success": True}
    assert (await project.read(1))["count"] == 2
    assert await project.send("PATCH", ADD, json={"person_ids": ids}) == {"success": True}
    found = await project.world.post("cohorts/search", {})
    assert found["cohorts"][0]["num_members"] == 2
    assert await project.send("PATCH", REMOVE, json={"person_id": str(ann.id)}) == {"success": True}
    assert await project.people(1) == ["Bob Doe"]
    entries = (await project.send("GET", "1/activity/"))["results"]
    assert [one["activity"] for one in entries] == ["person_removed_manually", "persons_added_manually", "created"]
    assert entries[0]["detail"]["changes"][0]["after"]["removed"] == [str(ann.id)]


@pytest.mark.parametrize(
    ("path", "body", "status", "detail"),
    [
        (ADD, {}, 400, "person_ids must be a list"),
        (ADD, {"person_ids": "x"}, 400, "person_ids must be a list"),
        (ADD, {"person_ids": []}, 400, "person_ids cannot be empty"),
        (ADD, {"person_ids": ["x"] * 1001}, 400, "List size exceeds limit"),
        (ADD, {"person_ids": ["018f0000-0000-7000-8000-000000000001", 5]}, 400, "No valid users to add to cohort"),
        (REMOVE, {}, 400, "person_id is required"),
        (REMOVE, {"person_id": 5}, 400, "person_id must be a string"),
        (REMOVE, {"person_id": "x"}, 400, "person_id must be a valid UUID"),
        (
            REMOVE,
            {"person_id": "018f0000-0000-7000-8000-000000000001"},
            404,
            "Person with this UUID does not exist in the cohort's team",
        ),
        (REMOVE, {"person_id": "{ann}"}, 404, "Person is not part of the cohort"),
        (REMOVE, {"person_id": "{ola}"}, 404, "Person with this UUID does not exist in the cohort's team"),
    ],
    ids=lambda value: str(value)[:50],
)
async def test_bad_persons(project, path, body, status, detail):
    ann = await project.world.person("Ann")
    ola = await project.world.person("Ola", organization=project.world.elsewhere)
    await project.make(name="A", is_static=True)
    text = json.dumps(body).replace("{ann}", str(ann.id)).replace("{ola}", str(ola.id))
    assert (await project.send("PATCH", path, status, json=json.loads(text)))["detail"] == detail


async def test_only_static_cohorts_by_hand(project):
    await project.make(name="A")
    assert (await project.send("PATCH", ADD, 400, json={}))["detail"] == "Can only add users to static cohorts"
    assert (await project.send("PATCH", REMOVE, 400, json={}))["detail"] == "Can only remove users from static cohorts"
