"""`POST /api/v5/artifacts/cohorts/docs` and `refresh`."""

from uuid import uuid4

from artifacts.cohorts.models import Cohort
from artifacts.profiles.models import Profile
from contracts.artifacts import CohortUpdated, ProfileUpdated
from sqlalchemy import select, update


async def test_docs_are_composed_from_the_code(world, app):
    body = await world.post("cohorts/docs", {})
    assert (body["name"], body["type"]) == ("cohort", "artifact")
    (table,) = body["artifact"]["tables"]
    columns = {column["name"]: column for column in table["columns"]}
    assert table["name"] == "cohorts"
    assert columns["simulation_ids"] == {"name": "simulation_ids", "type": "uuid[]", "nullable": False}
    assert [operation["name"] for operation in body["artifact"]["operations"]] == [
        "create",
        "update",
        "delete",
        "duplicate",
        "leave",
    ]
    assert [entry["name"] for entry in body["entries"]] == ["members", "activities", "drafts"]
    assert {"names", "flags", "departments", "simulations", "personas"} <= {one["name"] for one in body["resources"]}
    operations = {operation["name"]: operation for operation in body["api_operations"]}
    ours = {
        handler.operation_id
        for route in app.routes
        for handler in getattr(route, "route_handlers", ())
        if route.path.startswith(("/api/v5/artifacts/cohorts", "/api/v5/uploads"))
    }
    assert set(operations) == ours - {None}
    draft = operations["patchCohortDraft"]
    assert draft["description"].startswith("PATCH /api/v5/artifacts/cohorts/draft: Change a draft")
    params = {param["name"]: param for param in draft["params"]}
    assert params["department_ids"] == {
        "name": "department_ids",
        "type": "string[] | null",
        "required": False,
        "default": None,
    }
    create = {param["name"]: param for param in operations["createCohorts"]["params"]}
    assert (create["cohorts"]["type"], create["cohorts"]["required"]) == ("CreateCohortItem[]", True)
    assert "CohortResults" in operations["createCohorts"]["returns"]["$defs"]
    assert {permission["name"] for permission in body["permissions"]} >= {"can_edit", "can_delete", "can_leave"}
    assert body["page_metadata"]["new"]["title"] == "New cohort"


async def test_docs_of_one_cohort_say_what_the_caller_may(world):
    ann = await world.person("Ann")
    cohort_id = await world.cohort("Spring", profile_ids=[str(ann.id)])
    body = await world.post("cohorts/docs", {"entity_id": cohort_id}, world.as_("org.member", user=ann.user_id))
    returns = {permission["name"]: permission["returns"] for permission in body["permissions"]}
    assert returns["can_leave"] == {"type": "boolean", "allowed": True, "disabled_reason": None}
    assert returns["can_edit"]["disabled_reason"] == "Your role may read cohorts, not change them."
    answer = await world.as_().post("/api/v5/artifacts/cohorts/docs", json={"entity_id": str(uuid4())})
    assert answer.status_code == 404


async def test_refresh_mends_what_drifted_and_says_what_it_did(world, outbox):
    ann = await world.person("Ann")
    surgery = await world.department("Surgery", ann)
    right = await world.cohort("Right", profile_ids=[str(ann.id)])
    wrong = await world.cohort("Wrong", profile_ids=[str(ann.id)])
    theirs = await world.cohort("Theirs", world.as_(organization=world.elsewhere))
    await world.session.execute(update(Cohort).where(Cohort.id.in_([wrong, theirs])).values(member_count=7))
    await world.session.execute(update(Profile).where(Profile.id == ann.id).values(department_ids=[]))
    await world.post("cohorts/refresh", {})
    before = len(await outbox())
    await world.post("cohorts/docs", {})
    body = await world.post("cohorts/refresh", {})
    assert body == {
        "success": True,
        "refreshed_views": ["cohort_member_counts", "profile_cohort_counts", "profile_departments"],
        "invalidated_tags": ["cohorts", "docs"],
    }
    assert len(await outbox()) == before
    counts = dict((await world.session.execute(select(Cohort.id, Cohort.member_count))).all())
    assert {str(key): value for key, value in counts.items()} == {right: 1, wrong: 1, theirs: 7}
    assert (await world.profile(ann.user_id)).department_ids == [surgery]
    announced = [event for event in await outbox() if isinstance(event, CohortUpdated | ProfileUpdated)][-2:]
    assert [type(event) for event in announced] == [CohortUpdated, ProfileUpdated]
    assert (await world.post("cohorts/refresh", {}))["invalidated_tags"] == []
