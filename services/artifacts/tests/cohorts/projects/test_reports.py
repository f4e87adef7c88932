"""Activity, duplicates and the record of calculations."""

import pytest
from artifacts.cohorts.calculations.models import CohortCalculation
from artifacts.cohorts.models import Cohort
from artifacts.cohorts.projects.commands import duplicate
from kernel import now
from sqlalchemy import select
from testkit.principals import ISSUER

FILTERS = {"properties": {"type": "AND", "values": [{"type": "person", "key": "email", "operator": "is_set"}]}}


async def test_what_was_done(project):
    ann = await project.world.person("Ann", role="org.admin")
    caller = project.world.as_(user=ann.user_id)
    await project.send("POST", "", 201, caller, json={"name": "A", "is_static": True})
    await project.send("PATCH", "1/", 200, caller, json={"name": "B", "description": "D"})
    body = await project.send("GET", "1/activity/")
    assert (body["total_count"], body["next"], body["previous"]) == (2, None, None)
    updated, created = body["results"]
    assert set(updated) == {"user", "activity", "scope", "item_id", "detail", "created_at"}
    assert updated["detail"] == {
        "changes": [
            {"type": "Cohort", "action": "changed", "field": "name", "before": "A", "after": "B"},
            {"type": "Cohort", "action": "changed", "field": "description", "before": "", "after": "D"},
        ],
        "trigger": None,
        "name": "B",
        "short_id": None,
        "type": None,
    }
    assert updated["user"] == {"first_name": "Ann", "email": "ann@example.org"}
    assert (updated["scope"], updated["item_id"], updated["activity"]) == ("Cohort", "1", "updated")
    assert (created["activity"], created["detail"]["name"], created["detail"]["changes"]) == ("created", "A", [])


async def test_pages_of_activity(project):
    for number in range(1, 13):
        await project.make(name=f"C{number}", is_static=True)
    path = f"{ISSUER}/api/projects/@current/cohorts/activity/"
    first = await project.send("GET", "activity/")
    assert (len(first["results"]), first["total_count"], first["previous"]) == (10, 12, None)
    assert first["next"] == f"{path}?limit=10&page=2"
    second = await project.send("GET", "activity/?page=2")
    assert [one["item_id"] for one in second["results"]] == ["2", "1"]
    assert (second["next"], second["previous"]) == (None, f"{path}?limit=10&page=1")
    assert (await project.send("GET", "1/activity/"))["total_count"] == 1
    await project.send("GET", "99/activity/", 404)
    for parameters in ({"page": "abc"}, {"page": 0}, {"limit": 0}):
        assert (await project.send("GET", "activity/", 400, params=parameters))["attr"] == next(iter(parameters))
    other = await project.send("GET", "activity/", 200, project.world.as_(organization=project.world.elsewhere))
    assert other["total_count"] == 0


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_a_static_copy(project, method):
    people = [await project.world.person(name) for name in ("Ann", "Bob")]
    await project.make(name="A", is_static=True, _create_static_person_ids=[str(one.id) for one in people])
    body = await project.send(method, "1/duplicate_as_static_cohort/")
    assert (body["id"], body["name"], body["is_static"], body["count"]) == (2, "A (static copy)", True, 2)
    assert (body["is_calculating"], body["errors_calculating"]) == (False, 0)
    assert sorted(await project.people(2)) == ["Ann Doe", "Bob Doe"]
    await project.send(method, "9/duplicate_as_static_cohort/", 404)


async def test_a_copy_of_very_many_comes_in_batches(project, monkeypatch):
    monkeypatch.setattr(duplicate_module(), "MOST_AT_ONCE", 2)
    people = [await project.world.person(name) for name in ("Ann", "Bob", "Cyd")]
    await project.make(name="A", is_static=True, _create_static_person_ids=[str(one.id) for one in people])
    body = await project.send("POST", "1/duplicate_as_static_cohort/")
    assert (body["count"], body["is_calculating"]) == (0, True)
    await project.work()
    body = await project.read(2)
    assert (body["count"], body["is_calculating"]) == (3, False)


def duplicate_module():
    import sys

    return sys.modules[duplicate.__module__]


async def test_a_copy_of_a_cohort_that_waits_is_calculated_from_the_same(project):
    await project.make(name="A", filters=FILTERS)
    body = await project.send("POST", "1/duplicate_as_static_cohort/")
    assert (body["is_static"], body["is_calculating"], body["filters"]) == (True, True, FILTERS)


async def test_the_record_of_calculations(project):
    await project.make(name="A", filters=FILTERS)
    session = project.world.session
    cohort_id = (await session.scalars(select(Cohort.id))).one()
    for version, error in ((1, "It took too long."), (2, None), (3, None)):
        session.add(
            CohortCalculation(
                organization_id=project.world.organization,
                cohort_id=cohort_id,
                version=version,
                filters=FILTERS,
                started_at=now(),
                finished_at=now() if version < 3 else None,
                count=4 if version == 2 else None,
                entered=3,
                ended=1,
                query_ms=7,
                main_query="SELECT 1",
                error=error,
            )
        )
        await session.flush()
    body = await project.send("GET", "1/calculation_history/?limit=2")
    assert (body["count"], body["next"], body["previous"]) == (3, "?limit=2&offset=2", None)
    running, done = body["results"]
    assert (running["is_completed"], running["is_successful"], running["duration_seconds"]) == (False, False, None)
    assert (done["is_completed"], done["is_successful"], done["count"], done["error"]) == (True, True, 4, None)
    assert (done["filters"], done["total_written_rows"], done["main_query"]) == (FILTERS, 4, "SELECT 1")
    body = await project.send("GET", "1/calculation_history/?limit=2&offset=2")
    assert (body["results"][0]["error"], body["results"][0]["is_successful"]) == ("It took too long.", False)
    assert (body["next"], body["previous"]) == (None, "?limit=2&offset=0")
