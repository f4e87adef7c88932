"""`/api/projects/{project_id}/cohorts/`."""

from datetime import timedelta
from uuid import uuid4

import pytest
from artifacts.cohorts.models import Cohort
from kernel import now
from sqlalchemy import update
from testkit.principals import ISSUER

NOT_FOUND = {"type": "invalid_request", "code": "not_found", "detail": "There is no such resource.", "attr": None}
FIELDS = {
    "id", "name", "description", "groups", "deleted", "filters", "query", "is_calculating", "created_by", "created_at",
    "last_calculation", "errors_calculating", "count", "is_static", "cohort_type", "experiment_set", "version",
    "pending_version", "last_error_message", "last_backfill_person_properties_at", "search_match_type",
}  # fmt: skip


async def get(world, path="/api/projects/@current/cohorts/", caller=None, **parameters):
    answer = await (caller or world.as_()).get(path, params=parameters or None)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def change(world, cohort_id, **values):
    await world.session.execute(update(Cohort).where(Cohort.id == cohort_id).values(**values))
    world.session.expire_all()


async def test_a_cohort_of_v5_is_here(world):
    ann = await world.person("Ann", role="org.admin")
    await world.cohort("Spring", world.as_(user=ann.user_id), description="D", profile_ids=[str(ann.id)])
    body = await get(world)
    (row,) = body["results"]
    assert set(row) == FIELDS
    assert (row["id"], row["name"], row["description"], row["count"]) == (1, "Spring", "D", 1)
    assert (row["is_static"], row["deleted"], row["is_calculating"]) == (True, False, False)
    assert row["filters"] == {"properties": {}}
    assert row["groups"] == row["experiment_set"] == []
    assert row["created_by"]["uuid"] == str(ann.user_id)
    assert (row["created_by"]["id"], row["created_by"]["first_name"]) == (1, "Ann")
    assert {name: body[name] for name in ("count", "next", "previous")} == {"count": 1, "next": None, "previous": None}
    assert await get(world, "/api/projects/41/cohorts/1/") == row


async def test_a_project_is_named_three_ways_and_with_or_without_slash(world):
    await world.cohort("Spring")
    for project in ("@current", "41", str(world.organization)):
        for slash in ("", "/"):
            assert (await get(world, f"/api/projects/{project}/cohorts{slash}"))["count"] == 1
            assert (await get(world, f"/api/projects/{project}/cohorts/1{slash}"))["name"] == "Spring"


async def test_pages_have_absolute_addresses(world):
    for index in range(5):
        await world.cohort(f"Cohort {index}")
    first = await get(world, "/api/projects/41/cohorts/", limit=2, search="cohort")
    assert first["next"] == f"{ISSUER}/api/projects/41/cohorts/?search=cohort&limit=2&offset=2"
    seen, body = [], first
    while True:
        seen += [row["name"] for row in body["results"]]
        if body["next"] is None:
            break
        body = await get(world, body["next"].removeprefix(ISSUER))
    assert seen == [f"Cohort {index}" for index in (4, 3, 2, 1, 0)]
    assert body["previous"] == f"{ISSUER}/api/projects/41/cohorts/?search=cohort&limit=2&offset=2"


async def test_filters(world):
    ann = await world.person("Ann", role="org.admin")
    mine = await world.cohort("Mine", world.as_(user=ann.user_id))
    await world.cohort("Dynamic")
    await change(world, uuid4())
    await world.session.execute(update(Cohort).where(Cohort.id != mine).values(is_static=False))
    world.session.expire_all()
    assert [row["name"] for row in (await get(world, type="static"))["results"]] == ["Mine"]
    assert [row["count"] for row in (await get(world, type="dynamic"))["results"]] == [None]
    assert [row["name"] for row in (await get(world, created_by_id=1))["results"]] == ["Mine"]
    assert (await get(world, created_by_id=9))["count"] == 0
    found = (await get(world, search="MIN"))["results"]
    assert [(row["name"], row["search_match_type"]) for row in found] == [("Mine", "exact")]
    assert (await get(world, unheard_of=1))["count"] == 2


async def test_a_deleted_one_leaves_the_list_only(world):
    cohort_id = await world.cohort("Gone")
    await change(world, cohort_id, deleted_at=now())
    assert (await get(world))["count"] == 0
    assert (await get(world, "/api/projects/@current/cohorts/1/"))["deleted"]


async def test_a_calculation_is_shown_by_its_lease(world):
    cohort_id = await world.cohort("Busy")
    await change(world, cohort_id, lease_until=now() + timedelta(seconds=30))
    assert (await get(world, "/api/projects/@current/cohorts/1/"))["is_calculating"]
    await change(world, cohort_id, lease_until=now() - timedelta(seconds=30))
    assert not (await get(world, "/api/projects/@current/cohorts/1/"))["is_calculating"]


@pytest.mark.parametrize(
    "project", ["42", "{elsewhere}", "40", "d6b04f75-8f1d-48b7-9e01-ad6c6a4c34d1", "nonsense", "9" * 40, "-1", "٤١"]
)
async def test_other_projects_are_not_there(world, project):
    await world.cohort("Theirs", world.as_(organization=world.elsewhere))
    path = f"/api/projects/{project.format(elsewhere=world.elsewhere)}/cohorts/"
    for caller in (world.as_(), world.as_("org.member"), world.as_("")):
        answer = await caller.get(path)
        assert answer.status_code == 404
        assert answer.json() == NOT_FOUND


@pytest.mark.parametrize("number", ["2", "0", "999999999999999999999999", "x", "1.5"])
async def test_unknown_cohorts(world, number):
    await world.cohort("Spring")
    assert (await world.as_().get(f"/api/projects/@current/cohorts/{number}/")).status_code == 404


async def test_the_operators_staff_read_any_project(world):
    await world.cohort("Spring")
    for role in ("system.admin", "system.support"):
        assert (await get(world, "/api/projects/41/cohorts/", world.client.as_(roles=(role,))))["count"] == 1
    answer = await world.client.as_(roles=("system.admin",)).get("/api/projects/@current/cohorts/")
    assert answer.status_code == 404


@pytest.mark.parametrize(
    ("parameters", "attr"),
    [
        ({"limit": 0}, "limit"),
        ({"limit": "x"}, "limit"),
        ({"offset": -1}, "offset"),
        ({"type": "odd"}, "type"),
        ({"search": "x" * 201}, "search"),
    ],
)
async def test_bad_parameters(world, parameters, attr):
    answer = await world.as_().get("/api/projects/@current/cohorts/", params={"other": 1, **parameters})
    assert answer.status_code == 400
    assert (answer.json()["type"], answer.json()["attr"]) == ("validation_error", attr)


async def test_the_number_of_statements_does_not_grow(world, statements):
    ann = await world.person("Ann", role="org.admin")
    await world.cohort("First", world.as_(user=ann.user_id))
    few = await statements(get(world))
    for index in range(20):
        await world.cohort(f"More {index}", world.as_(user=ann.user_id))
    assert await statements(get(world)) == few
