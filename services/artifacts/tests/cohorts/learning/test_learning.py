"""`/api/v1/learning/cohorts`."""

from uuid import UUID, uuid4

import pytest
from artifacts.cohorts.models import Cohort
from kernel import now, prefixed_ulid
from sqlalchemy import update

PATH = "/api/v1/learning/cohorts"
FIELDS = {
    "id", "tenant_id", "created_at", "updated_at", "created_by", "updated_by", "source", "source_type", "is_deleted",
    "deleted_at", "deleted_by", "schema_version", "group_id", "program_id", "name", "start_date", "end_date", "status",
    "session_count", "facilitator_ids", "assigned_assessment_ids", "completion_required_pct", "current_completion_pct",
    "metadata", "tags", "version",
}  # fmt: skip


async def get(world, path=PATH, caller=None, **parameters):
    answer = await (caller or world.as_()).get(path, params=parameters or None)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def change(world, cohort_id, **values):
    await world.session.execute(update(Cohort).where(Cohort.id == cohort_id).values(**values))
    world.session.expire_all()


async def test_a_cohort_of_v5_is_here(world):
    ann = await world.person("Ann", role="org.admin")
    cohort_id = await world.cohort("Spring", world.as_(user=ann.user_id))
    body = await get(world)
    (row,) = body["items"]
    assert set(row) == FIELDS
    assert (body["total"], body["next_cursor"]) == (1, None)
    assert row["id"] == prefixed_ulid("coh", UUID(cohort_id))
    assert (row["tenant_id"], row["created_by"]) == (str(world.organization), str(ann.user_id))
    assert (row["name"], row["status"], row["version"], row["schema_version"]) == ("Spring", "active", 1, 1)
    assert (row["source"], row["source_type"], row["is_deleted"]) == ("edm", "frontend", False)
    assert row["group_id"] == f"grp-{cohort_id}"
    assert row["created_at"].endswith("Z")
    assert await get(world, f"{PATH}/{row['id']}") == row
    assert await get(world, f"{PATH}/{row['id']}/") == row


async def test_an_applications_own(world):
    cohort_id = await world.cohort("Spring")
    await change(world, cohort_id, app_id="app-1")
    assert (await get(world))["items"][0]["app_id"] == "app-1"


async def test_the_cursor_leads_through_all(world):
    for index in range(7):
        await world.cohort(f"Cohort {index}")
    seen, cursor = [], None
    while True:
        body = await get(world, limit=3, **({"cursor": cursor} if cursor else {}))
        assert body["total"] == 7
        seen += [row["name"] for row in body["items"]]
        if (cursor := body["next_cursor"]) is None:
            break
    assert seen == [f"Cohort {index}" for index in reversed(range(7))]


async def test_filters(world):
    first, second = await world.cohort("First"), await world.cohort("Second")
    await change(world, first, status="planned", tags=["blue", "new"], facilitator_ids=["f1"])
    await change(world, first, program_id="p", group_id="grp-x")
    for parameters in (
        {"status": "planned"},
        {"tag": "blue"},
        {"facilitator_id": "f1"},
        {"program_id": "p"},
        {"group_id": "grp-x"},
        {"name": "First"},
    ):
        assert [row["name"] for row in (await get(world, **parameters))["items"]] == ["First"], parameters
    assert [row["name"] for row in (await get(world, group_id=f"grp-{second}"))["items"]] == ["Second"]
    assert (await get(world, status="active", tag="blue"))["total"] == 0


async def test_a_deleted_one_leaves_the_default_list(world):
    cohort_id = await world.cohort("Gone")
    await change(world, cohort_id, deleted_at=now(), deleted_by=uuid4())
    assert (await get(world))["total"] == 0
    (row,) = (await get(world, is_deleted="true"))["items"]
    assert row["is_deleted"]
    assert (await get(world, f"{PATH}/{row['id']}"))["deleted_at"]


async def test_another_organizations_is_not_there(world):
    cohort_id = await world.cohort("Theirs", world.as_(organization=world.elsewhere))
    assert (await get(world))["total"] == 0
    answer = await world.as_().get(f"{PATH}/{prefixed_ulid('coh', UUID(cohort_id))}")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    "identifier",
    [
        "coh_",
        "coh_x",
        "per_01ARZ3NDEKTSV4RRFFQ69G5FAV",
        "1",
        "c622a56c-33a8-47c5-be40-5a7594825e27",
        "coh_01arz3ndektsv4rrffq69g5fav",
        "coh_ZZZZZZZZZZZZZZZZZZZZZZZZZZ",
    ],
)
async def test_malformed_ids_are_not_there(world, identifier):
    assert (await world.as_().get(f"{PATH}/{identifier}")).status_code == 404


@pytest.mark.parametrize(
    "parameters",
    [
        {"limit": 0},
        {"limit": 501},
        {"cursor": "x"},
        {"cursor": "bm8"},
        {"cursor": "é"},
        {"status": "odd"},
        {"created_by": "me"},
        {"name": "a\x00"},
        {"other": 1},
    ],
)
async def test_bad_parameters(world, parameters):
    answer = await world.as_().get(PATH, params=parameters)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["pointer"] == next(iter(parameters))
