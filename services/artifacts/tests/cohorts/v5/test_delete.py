"""`POST /api/v5/artifacts/cohorts/delete`, `duplicate`, `leave`."""

from uuid import UUID, uuid4

import pytest
from artifacts.cohorts.models import Cohort, CohortActivity, CohortMember
from artifacts.texts.models import Text
from contracts.artifacts import CohortCreated, CohortDeleted, CohortUpdated
from sqlalchemy import func, select, update


async def names(world) -> list[str]:
    return [cohort["name"] for cohort in (await world.post("cohorts/search", {}))["cohorts"]]


async def count(world, cohort_id) -> int:
    present = (CohortMember.cohort_id == cohort_id, CohortMember.until.is_(None))
    return (await world.session.execute(select(func.count()).select_from(CohortMember).where(*present))).scalar_one()


async def test_deleted_cohorts_leave_the_lists(world, outbox):
    ann = await world.person("Ann")
    one, two = await world.cohort("One", profile_ids=[str(ann.id)]), await world.cohort("Two")
    theirs = await world.cohort("Theirs", world.as_(organization=world.elsewhere))
    unknown = str(uuid4())
    body = await world.post("cohorts/delete", {"cohort_ids": [one, theirs, unknown, one]})
    assert body["results"] == [
        {"success": True, "cohort_id": one, "message": "The cohort was deleted."},
        {"success": False, "cohort_id": theirs, "message": "There is no such cohort."},
        {"success": False, "cohort_id": unknown, "message": "There is no such cohort."},
        {"success": False, "cohort_id": one, "message": "There is no such cohort."},
    ]
    assert await names(world) == ["Two"]
    assert (await world.as_().post("/api/v5/artifacts/cohorts/get", json={"cohort_id": one})).status_code == 404
    assert (await outbox())[-1] == CohortDeleted(cohort_id=UUID(one), organization_id=world.organization)
    assert await count(world, one) == 1
    learning = await world.as_().get("/api/v1/learning/cohorts?is_deleted=true")
    assert [item["name"] for item in learning.json()["items"]] == ["One"]
    assert two


async def test_deleting_none_and_too_many(world):
    assert (await world.post("cohorts/delete", {"cohort_ids": []}))["results"] == []
    answer = await world.as_().post("/api/v5/artifacts/cohorts/delete", json={"cohort_ids": [str(uuid4())] * 10_001})
    assert answer.status_code == 400


async def test_a_duplicate_has_everything_but_the_name(world, outbox):
    ann = await world.person("Ann")
    surgery = await world.department("Surgery")
    one = await world.cohort(
        "Spring", description="First", profile_ids=[str(ann.id)], department_ids=[str(surgery)], simulations=["Triage"]
    )
    body = await world.post("cohorts/duplicate", {"cohort_id": one}, **{"X-MCP": "true"})
    assert (body["success"], body["message"]) == (True, "The cohort was duplicated.")
    origin, copy = [await world.session.get(Cohort, identifier) for identifier in (one, body["cohort_id"])]
    assert (await world.session.get(Text, copy.name_id)).value == "Spring (copy)"
    assert (copy.description_id, copy.simulation_ids) == (origin.description_id, origin.simulation_ids)
    assert (copy.department_ids, copy.member_count, copy.number, copy.mcp) == ([surgery], 1, 2, True)
    assert await count(world, copy.id) == 1
    made = (await outbox())[-2]
    assert made == CohortCreated(cohort_id=copy.id, organization_id=world.organization, number=2, mcp=True)
    again = await world.post("cohorts/duplicate", {"cohort_id": one})
    assert again["cohort_id"] != body["cohort_id"]


async def test_a_long_name_is_cut(world):
    one = await world.cohort("x" * 400)
    body = await world.post("cohorts/duplicate", {"cohort_id": one})
    copy = await world.session.get(Cohort, body["cohort_id"])
    assert (await world.session.get(Text, copy.name_id)).value == "x" * 393 + " (copy)"


@pytest.mark.parametrize("operation", ["duplicate", "leave"])
async def test_what_is_not_there(world, operation):
    theirs = await world.cohort("Theirs", world.as_(organization=world.elsewhere))
    for cohort_id in (theirs, str(uuid4())):
        answer = await world.as_().post(f"/api/v5/artifacts/cohorts/{operation}", json={"cohort_id": cohort_id})
        assert answer.status_code == 404


@pytest.mark.parametrize("role", ["org.member", None])
async def test_whoever_is_in_a_cohort_may_leave_it(world, outbox, role):
    pat = await world.person("Pat", role=role)
    cohort_id = await world.cohort("Spring", profile_ids=[str(pat.id)])
    caller = world.as_(role or "", user=pat.user_id)
    await world.post("cohorts/leave", {"cohort_id": cohort_id}, caller)
    assert await count(world, cohort_id) == 0
    cohort = (await world.session.scalars(select(Cohort).execution_options(populate_existing=True))).one()
    assert (cohort.member_count, cohort.version) == (0, 2)
    assert (await outbox())[-1] == CohortUpdated(cohort_id=cohort.id, organization_id=world.organization)
    left = (await world.session.scalars(select(CohortActivity).where(CohortActivity.activity == "left"))).one()
    assert (left.user_id, left.changes[0]["removed"]) == (pat.user_id, [str(pat.id)])
    answer = await caller.post("/api/v5/artifacts/cohorts/leave", json={"cohort_id": cohort_id})
    assert answer.status_code == (403 if role else 404)


async def test_nobody_leaves_a_filter(world):
    ann = await world.person("Ann")
    cohort_id = await world.cohort("Spring", profile_ids=[str(ann.id)])
    await world.session.execute(update(Cohort).values(is_static=False))
    caller = world.as_("org.member", user=ann.user_id)
    answer = await caller.post("/api/v5/artifacts/cohorts/leave", json={"cohort_id": cohort_id})
    assert (answer.status_code, answer.json()["detail"]) == (403, "Its members follow a filter; nobody leaves by hand.")
    assert not (await world.post("cohorts/search", {}, caller))["cohorts"][0]["can_leave"]
