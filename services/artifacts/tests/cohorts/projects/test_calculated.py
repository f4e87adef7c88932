"""Cohorts from their making over HTTP to their members: the engine runs to its end in between."""

import pytest
from artifacts.cohorts.calculations import engine


def by(key, value, **more):
    return {"type": "person", "key": key, "operator": "exact", "value": value, **more}


def filters(*leaves, glue="AND"):
    return {"properties": {"type": glue, "values": list(leaves)}}


def cohort(number, **more):
    return {"type": "cohort", "key": "id", "value": number, **more}


@pytest.fixture
async def people(project):
    """Ann and Bob are staff, Cyd and Dan learn; Ola is elsewhere."""
    world = project.world
    made = {name: await world.person(name) for name in ("Ann", "Bob")}
    made |= {name: await world.person(name, role=None) for name in ("Cyd", "Dan")}
    await world.person("Ola", organization=world.elsewhere)
    return made


@pytest.fixture
def settled(project):
    async def settle():
        await engine.settle(project.app.state.runtime)

    return settle


async def names(project, number):
    return sorted(name.split()[0] for name in await project.people(number))


async def runs(project, number):
    return (await project.send("GET", f"{number}/calculation_history/"))["results"]


async def test_filters_and_their_change(project, people, settled):
    _ = people
    await project.make(name="Staff", filters=filters(by("role", "member")))
    assert (await project.send("GET", "1/persons/"))["results"] == []
    await settled()
    body = await project.read(1)
    assert (body["count"], body["is_calculating"], body["version"], body["pending_version"]) == (2, False, 1, 1)
    assert (body["errors_calculating"], body["last_error_message"]) == (0, None)
    assert body["last_calculation"] is not None
    assert await names(project, 1) == ["Ann", "Bob"]
    body = await project.change(1, filters=filters(by("role", "member", negation=True)))
    assert (body["count"], body["is_calculating"]) == (2, True)
    await settled()
    assert await names(project, 1) == ["Cyd", "Dan"]
    new, old = await runs(project, 1)
    assert (new["count"], new["is_successful"], new["total_written_rows"]) == (2, True, 4)
    assert old["filters"] == filters(by("role", "member"))
    v5 = await project.world.post("cohorts/search", {"filter_profile_ids": [str(people["Cyd"].id)]})
    assert [(row["name"], row["num_members"]) for row in v5["cohorts"]] == [("Staff", 2)]


async def test_a_refused_change_calculates_nothing(project, people, settled):
    _ = people
    await project.make(name="Staff", filters=filters(by("role", "member")))
    await settled()
    await project.change(1, 400, filters=filters(cohort(1)))
    await project.change(1, 400, filters=filters(cohort(77)))
    await settled()
    assert len(await runs(project, 1)) == 1
    assert (await project.read(1))["pending_version"] == 1


async def test_downstream_follows(project, people, settled):
    ann, cyd = people["Ann"], people["Cyd"]
    await project.make(name="Hand", is_static=True, _create_static_person_ids=[str(ann.id)])
    await project.make(name="Via", filters=filters(cohort(1)))
    await project.make(name="Not", filters=filters(cohort("2", negation=True)))
    await settled()
    assert (await names(project, 2), await names(project, 3)) == (["Ann"], ["Bob", "Cyd", "Dan"])
    await project.send("PATCH", "1/add_persons_to_static_cohort/", json={"person_ids": [str(cyd.id)]})
    await settled()
    assert (await names(project, 2), await names(project, 3)) == (["Ann", "Cyd"], ["Bob", "Dan"])
    await project.send("PATCH", "1/remove_person_from_static_cohort/", json={"person_id": str(ann.id)})
    await settled()
    assert await names(project, 2) == ["Cyd"]
    await project.upload("dan@example.org\n", "1/", 200, name="Hand")
    await project.work()
    await settled()
    assert (await names(project, 2), await names(project, 3)) == (["Cyd", "Dan"], ["Ann", "Bob"])
    await project.world.post("cohorts/update", {"cohorts": [{"cohort_id": await v5_id(project), "profile_ids": []}]})
    await settled()
    assert (await names(project, 2), (await project.read(3))["count"]) == ([], 4)


async def v5_id(project):
    found = await project.world.post("cohorts/search", {"search": "Hand"})
    return found["cohorts"][0]["cohort_id"]


async def test_static_becomes_dynamic_with_one_calculation(project, people, settled):
    await project.make(name="A", is_static=True, _create_static_person_ids=[str(people["Dan"].id)])
    await project.change(1, is_static=False, groups=[{"properties": {"role": "member"}}])
    await settled()
    assert await names(project, 1) == ["Ann", "Bob"]
    assert len(await runs(project, 1)) == 1
    await project.change(1, is_static=True)
    await settled()
    ann = people["Ann"]
    await project.send("PATCH", "1/remove_person_from_static_cohort/", json={"person_id": str(ann.id)})
    await settled()
    assert await names(project, 1) == ["Bob"]
    assert len(await runs(project, 1)) == 1


async def test_a_query_adds(project, people, settled):
    _ = people

    def query(text):
        return {"kind": "HogQLQuery", "query": text}

    text = "select id from persons where properties.role = 'member'"
    await project.make(name="Q", is_static=True, query=query(text))
    await settled()
    body = await project.read(1)
    assert (body["count"], body["is_calculating"], body["errors_calculating"]) == (2, False, 0), body
    await project.change(1, query=query("select id from persons where properties.first_name = 'Dan'"))
    await settled()
    assert await names(project, 1) == ["Ann", "Bob", "Dan"]


async def test_what_cannot_be_asked_is_said(project, people, settled):
    _ = people
    body = await project.make(name="Q", is_static=True, query={"kind": "HogQLQuery", "query": "select 1 from groups"})
    assert body["errors_calculating"] == 0
    await settled()
    body = await project.read(1)
    assert (body["errors_calculating"], body["is_calculating"], body["count"]) == (1, False, 0)
    assert body["last_error_message"]
    (run,) = await runs(project, 1)
    assert (run["is_successful"], run["error"]) == (False, body["last_error_message"])


async def test_static_copies(project, people, settled):
    _ = people
    await project.make(name="Staff", filters=filters(by("role", "member")))
    await project.send("GET", "1/duplicate_as_static_cohort/")
    await settled()
    body = await project.send("GET", "1/duplicate_as_static_cohort/")
    assert (body["count"], body["is_calculating"]) == (2, False)
    for number in (2, 3):
        body = await project.read(number)
        assert (body["count"], body["is_static"], body["is_calculating"], body["errors_calculating"]) == (
            2,
            True,
            False,
            0,
        )
        assert await names(project, number) == ["Ann", "Bob"]


async def test_criteria_of_a_static_cohort_count_once(project, people, settled):
    await project.make(name="Once", is_static=True, filters=filters(by("role", "member")))
    await settled()
    assert await names(project, 1) == ["Ann", "Bob"]
    await project.send("PATCH", "1/remove_person_from_static_cohort/", json={"person_id": str(people["Ann"].id)})
    await settled()
    assert await names(project, 1) == ["Bob"]


async def test_back_from_deletion_it_is_calculated_anew(project, people, settled):
    _ = people
    await project.make(name="Staff", filters=filters(by("role", "member")))
    await settled()
    await project.change(1, deleted=True)
    await project.world.person("Eve")
    await settled()
    assert len(await runs(project, 1)) == 1
    body = await project.change(1, deleted=False)
    assert (body["pending_version"], body["is_calculating"]) == (2, True)
    await settled()
    assert await names(project, 1) == ["Ann", "Bob", "Eve"]


async def test_a_copy_made_in_v5_follows_people_too(project, people, settled):
    _ = people
    await project.make(name="Staff", filters=filters(by("role", "member")))
    await settled()
    found = await project.world.post("cohorts/search", {})
    await project.world.post("cohorts/duplicate", {"cohort_id": found["cohorts"][0]["cohort_id"]})
    assert (await project.read(2))["is_calculating"]
    await settled()
    await project.world.person("Eve")
    await settled()
    assert await names(project, 2) == ["Ann", "Bob", "Eve"]
