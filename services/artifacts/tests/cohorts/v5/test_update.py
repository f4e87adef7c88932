"""`POST /api/v5/artifacts/cohorts/update`."""

from uuid import uuid4

import pytest
from artifacts.cohorts.models import Cohort, CohortActivity, CohortMember
from artifacts.personas.models import Persona, ProfilePersona
from artifacts.simulations.models import SimulationPosition
from artifacts.texts.models import Text
from contracts.artifacts import CohortUpdated
from sqlalchemy import select
from testkit.races import race

PATH = "/api/v5/artifacts/cohorts/update"


async def updated(world, *items, caller=None, **headers):
    return (await world.post("cohorts/update", {"cohorts": list(items)}, caller, **headers))["results"]


async def row(world, cohort_id) -> Cohort:
    statement = select(Cohort).where(Cohort.id == cohort_id).execution_options(populate_existing=True)
    return (await world.session.scalars(statement)).one()


async def present(world, cohort_id) -> set:
    statement = select(CohortMember.profile_id).where(CohortMember.cohort_id == cohort_id, CohortMember.until.is_(None))
    return set(await world.session.scalars(statement))


async def activities(world, cohort_id) -> list[CohortActivity]:
    statement = select(CohortActivity).where(CohortActivity.cohort_id == cohort_id).order_by(CohortActivity.id)
    return list(await world.session.scalars(statement))


async def test_what_is_not_named_stays(world, outbox):
    ann, bob = await world.person("Ann"), await world.person("Bob")
    surgery, triage = await world.department("Surgery"), await world.simulation("Triage")
    cohort_id = await world.cohort(
        "Spring",
        description="First",
        department_ids=[str(surgery)],
        simulation_ids=[str(triage)],
        profile_ids=[str(ann.id)],
    )
    user = uuid4()
    (result,) = await updated(
        world, {"cohort_id": cohort_id, "name": "Autumn", "profiles": ["Bob Doe"]}, caller=world.as_(user=user)
    )
    assert result == {"success": True, "cohort_id": cohort_id, "message": "The cohort was updated.", "errors": []}
    cohort = await row(world, cohort_id)
    assert (await world.session.get(Text, cohort.name_id)).value == "Autumn"
    assert (await world.session.get(Text, cohort.description_id)).value == "First"
    assert (cohort.department_ids, cohort.simulation_ids) == ([surgery], [triage])
    assert (cohort.member_count, cohort.version, cohort.updated_by) == (1, 2, user)
    assert await present(world, cohort_id) == {bob.id}
    assert isinstance((await outbox())[-1], CohortUpdated)
    made, changed = await activities(world, cohort_id)
    assert (made.activity, changed.activity, changed.user_id) == ("created", "updated", user)
    members = next(one for one in changed.changes if one["field"] == "profile_ids")
    assert (members["added"], members["removed"]) == ([str(bob.id)], [str(ann.id)])
    assert {one["field"] for one in changed.changes} == {"name_id", "profile_ids"}


async def test_a_members_time_is_kept(world):
    ann = await world.person("Ann")
    cohort_id = await world.cohort("Spring", profile_ids=[str(ann.id)])
    await updated(world, {"cohort_id": cohort_id, "profile_ids": []})
    await updated(world, {"cohort_id": cohort_id, "profile_ids": [str(ann.id)]})
    times = list(await world.session.scalars(select(CohortMember).where(CohortMember.profile_id == ann.id)))
    assert [time.until is None for time in sorted(times, key=lambda one: one.id)] == [False, True]
    assert {time.source for time in times} == {"hand"}


async def test_emptying(world):
    cohort_id = await world.cohort("Spring", description="First", simulations=["Triage"])
    item = {"cohort_id": cohort_id, "description": "", "simulation_ids": [], "active_flag": False}
    assert (await updated(world, item))[0]["success"]
    cohort = await row(world, cohort_id)
    assert (cohort.description_id, cohort.simulation_ids, cohort.is_active) == (None, [], False)


async def test_nulls_say_nothing(world, outbox):
    cohort_id = await world.cohort("Spring", description="First")
    before = len(await outbox())
    names = ("name", "name_id", "description", "profile_ids", "simulation_ids", "active_flag", "departments")
    assert (await updated(world, {"cohort_id": cohort_id, **dict.fromkeys(names)}))[0]["success"]
    assert ((await row(world, cohort_id)).version, len(await outbox())) == (1, before)
    assert len(await activities(world, cohort_id)) == 1


async def test_choices_of_what_is_no_longer_chosen_go(world):
    ann, triage, sepsis = await world.person("Ann"), await world.simulation("Triage"), await world.simulation("Sepsis")
    place = SimulationPosition(organization_id=world.organization, simulation_id=triage, value=1)
    persona = Persona(organization_id=world.organization, name="Nurse")
    world.session.add_all([place, persona])
    await world.session.flush()
    part = ProfilePersona(organization_id=world.organization, profile_id=ann.id, persona_id=persona.id)
    world.session.add(part)
    await world.session.flush()
    cohort_id = await world.cohort(
        "Spring",
        simulation_ids=[str(triage)],
        profile_ids=[str(ann.id)],
        simulation_position_ids=[str(place.id)],
        profile_persona_ids=[str(part.id)],
    )
    await updated(world, {"cohort_id": cohort_id, "description": "Same people"})
    kept = await row(world, cohort_id)
    assert (kept.simulation_position_ids, kept.profile_persona_ids) == ([place.id], [part.id])
    await updated(world, {"cohort_id": cohort_id, "simulation_ids": [str(sepsis)], "profile_ids": []})
    gone = await row(world, cohort_id)
    assert (gone.simulation_position_ids, gone.profile_persona_ids) == ([], [])


async def test_an_item_with_errors_changes_nothing(world):
    one, two = await world.cohort("One"), await world.cohort("Two")
    await world.person("Ann")
    await world.person("Ann")
    theirs = await world.cohort("Theirs", world.as_(organization=world.elsewhere))
    results = await updated(
        world,
        {"cohort_id": one, "name": "Changed", "profiles": ["Ann Doe"], "simulations": ["Never"]},
        {"cohort_id": two, "name": "Better"},
        {"cohort_id": theirs, "name": "Mine"},
        {"cohort_id": str(uuid4()), "name": "Nobody's"},
    )
    assert [result["success"] for result in results] == [False, True, False, False]
    assert results[0]["message"] == "The cohort was not updated."
    assert [error["field"] for error in results[0]["errors"]] == ["profiles"]
    assert results[2]["errors"] == [{"field": "cohort_id", "message": "There is no such cohort."}]
    body = await world.post("cohorts/search", {})
    assert {cohort["name"] for cohort in body["cohorts"]} == {"One", "Better"}
    assert (await world.post("simulations/search", {}))["total_count"] == 0


@pytest.mark.parametrize(
    ("item", "field"),
    [
        ({"name": " "}, "name"),
        ({"name_id": str(uuid4())}, "name_id"),
        ({"flag_id": str(uuid4())}, "flag_id"),
        ({"department_ids": [str(uuid4())]}, "department_ids"),
        ({"simulation_position_ids": [str(uuid4())]}, "simulation_position_ids"),
    ],
    ids=["blank", "name", "flag", "department", "position"],
)
async def test_bad_values(world, item, field):
    (result,) = await updated(world, {"cohort_id": await world.cohort("Spring"), **item})
    assert [error["field"] for error in result["errors"]] == [field]


async def test_one_named_twice(world):
    cohort_id = await world.cohort("Spring")
    results = await updated(world, {"cohort_id": cohort_id, "name": "A"}, {"cohort_id": cohort_id, "name": "B"})
    assert [result["success"] for result in results] == [False, False]


async def test_nobody_is_put_into_a_cohort_that_follows_a_filter(world):
    ann, cohort_id = await world.person("Ann"), await world.cohort("Spring")
    (await row(world, cohort_id)).is_static = False
    await world.session.flush()
    (result,) = await updated(world, {"cohort_id": cohort_id, "profile_ids": [str(ann.id)]})
    assert result["errors"] == [{"field": "profile_ids", "message": "The cohort's members follow its filter."}]


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"cohorts": [{"name": "A"}]}, "/cohorts/0/cohort_id"),
        ({"cohorts": [{"cohort_id": "x"}]}, "/cohorts/0/cohort_id"),
        (
            {"cohorts": [{"cohort_id": "018f0000-0000-7000-8000-000000000001", "member_count": 3}]},
            "/cohorts/0/member_count",
        ),
        ({"cohorts": [{"cohort_id": "018f0000-0000-7000-8000-000000000001"}] * 10_001}, "/cohorts"),
    ],
    ids=["missing", "malformed", "unknown", "too many"],
)
async def test_bad_bodies(world, body, pointer):
    answer = await world.as_().post(PATH, json=body)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["pointer"] == pointer


async def test_statements_do_not_grow_with_the_items(world, statements):
    people = [str((await world.person(f"P{index}")).id) for index in range(3)]
    cohorts = [await world.cohort(f"C{index}") for index in range(30)]
    one = await statements(updated(world, {"cohort_id": cohorts[0], "name": "A", "profile_ids": people}))
    items = [{"cohort_id": cohort, "name": f"N{cohort}", "profile_ids": people} for cohort in cohorts[1:]]
    assert await statements(updated(world, *items)) == one <= 10


async def test_counts_are_right_when_many_change(live):
    organization = uuid4()
    caller = live.as_(organization_id=organization, roles=("org.admin",))
    made = await caller.post("/api/v5/artifacts/cohorts/create", json={"cohorts": [{"name": "A"}, {"name": "B"}]})
    ids = [result["cohort_id"] for result in made.json()["results"]]

    async def attempt(index):
        order = ids if index % 2 else ids[::-1]
        items = [{"cohort_id": one, "name": f"Name {index}"} for one in order]
        return (await caller.post(PATH, json={"cohorts": items})).status_code

    assert set(await race(attempt)) == {200}
    async with live.app.state.runtime.sessions() as session:
        versions = list(await session.scalars(select(Cohort.version).where(Cohort.organization_id == organization)))
    assert versions == [17, 17]
