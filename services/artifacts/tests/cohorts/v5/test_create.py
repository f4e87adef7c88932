"""`POST /api/v5/artifacts/cohorts/create`."""

from uuid import uuid4

import pytest
from artifacts.cohorts.flags import INACTIVE
from artifacts.cohorts.models import Cohort
from artifacts.personas.models import Persona, ProfilePersona
from artifacts.simulations.models import Simulation, SimulationPosition
from artifacts.texts.models import Text
from contracts.artifacts import CohortCreated, CohortMemberEntered
from sqlalchemy import func, select
from testkit.races import race

PATH = "/api/v5/artifacts/cohorts/create"


async def rows(world, model) -> int:
    return (await world.session.execute(select(func.count()).select_from(model))).scalar_one()


async def created(world, *items, caller=None, **headers):
    return (await world.post("cohorts/create", {"cohorts": list(items)}, caller, **headers))["results"]


async def test_everything_by_id(world, outbox):
    ann = await world.person("Ann")
    surgery, first = await world.department("Surgery"), await world.simulation("Triage")
    position = SimulationPosition(organization_id=world.organization, simulation_id=first, value=1)
    persona = Persona(organization_id=world.organization, name="Nurse")
    world.session.add_all([position, persona])
    await world.session.flush()
    part = ProfilePersona(organization_id=world.organization, profile_id=ann.id, persona_id=persona.id)
    world.session.add(part)
    await world.session.flush()
    preset = uuid4()
    (result,) = await created(
        world,
        {
            "id": str(preset),
            "name": "  Spring  ",
            "description": "First group",
            "flag_id": str(INACTIVE.id),
            "department_ids": [str(surgery)],
            "simulation_ids": [str(first), str(first)],
            "profile_ids": [str(ann.id)],
            "simulation_position_ids": [str(position.id)],
            "profile_persona_ids": [str(part.id)],
        },
    )
    assert result == {"success": True, "cohort_id": str(preset), "message": "The cohort was created.", "errors": []}
    cohort = await world.session.get(Cohort, preset)
    assert (cohort.number, cohort.member_count, cohort.is_active, cohort.mcp) == (1, 1, False, False)
    assert cohort.simulation_ids == [first]
    event, entered = (await outbox())[-2:]
    assert event == CohortCreated(cohort_id=preset, organization_id=world.organization, number=1, mcp=False)
    assert isinstance(entered, CohortMemberEntered)
    assert (entered.cohort_id, entered.source, len(entered.person_ids)) == (preset, "hand", 1)


async def test_names_are_found_or_made(world):
    ann = await world.person("Ann")
    await world.department("Surgery")
    known = await world.simulation("Triage")
    first, second = await created(
        world,
        {"name": "Spring", "description": "D", "departments": ["Surgery"], "simulations": ["Triage", "New one"]},
        {"name": "Spring", "description": "D", "profiles": ["Ann Doe"], "simulations": ["New one"]},
    )
    assert first["success"]
    assert second["success"]
    one, two = [await world.session.get(Cohort, result["cohort_id"]) for result in (first, second)]
    assert (one.name_id, one.description_id) == (two.name_id, two.description_id)
    assert one.simulation_ids == [known, two.simulation_ids[0]]
    assert two.member_count == 1
    assert (one.number, two.number) == (1, 2)
    assert await rows(world, Simulation) == 2
    assert await rows(world, Text) == 2
    assert ann.id


async def test_an_item_with_errors_leaves_nothing(world):
    await world.person("Ann")
    await world.person("Ann")
    good, bad = await created(
        world,
        {"name": "Good"},
        {
            "name": "Bad",
            "description": "never",
            "simulations": ["never"],
            "profiles": ["Ann Doe", "Nobody"],
            "departments": ["None"],
            "department_ids": [str(uuid4())],
            "flag_id": str(uuid4()),
            "name_id": str(uuid4()),
        },
    )
    assert good["success"]
    assert (bad["success"], bad["cohort_id"], bad["message"]) == (False, None, "The cohort was not created.")
    fields = [error["field"] for error in bad["errors"]]
    assert sorted(fields) == ["department_ids", "departments", "flag_id", "name_id", "profiles", "profiles"]
    assert any("give the id" in error["message"] for error in bad["errors"])
    assert await rows(world, Cohort) == 1
    assert await rows(world, Simulation) == 0
    assert list(await world.session.scalars(select(Text.value))) == ["Good"]


@pytest.mark.parametrize("item", [{}, {"name": "   "}])
async def test_a_name_is_required(world, item):
    (result,) = await created(world, item)
    assert result["errors"] == [{"field": "name", "message": "Give a name or a name_id."}]


async def test_another_organizations_things_are_unknown(world):
    stranger = await world.person("Eve", organization=world.elsewhere)
    theirs = await world.cohort("Theirs", world.as_(organization=world.elsewhere))
    name_id = (await world.session.get(Cohort, theirs)).name_id
    (result,) = await created(
        world,
        {
            "name_id": str(name_id),
            "profile_ids": [str(stranger.id)],
            "profiles": ["Eve Doe"],
            "simulation_ids": [str(await world.simulation("S", world.elsewhere))],
            "department_ids": [str(await world.department("D", organization=world.elsewhere))],
        },
    )
    fields = {error["field"] for error in result["errors"]}
    assert fields == {"name_id", "profile_ids", "profiles", "simulation_ids", "department_ids"}


async def test_choices_must_belong_to_what_is_chosen(world):
    simulation = await world.simulation("Triage")
    position = SimulationPosition(organization_id=world.organization, simulation_id=simulation, value=1)
    world.session.add(position)
    await world.session.flush()
    (result,) = await created(world, {"name": "X", "simulation_position_ids": [str(position.id)]})
    assert [error["field"] for error in result["errors"]] == ["simulation_position_ids"]


async def test_a_taken_id(world):
    taken = await world.cohort("First")
    again = str(uuid4())
    results = await created(world, {"id": taken, "name": "A"}, {"id": again, "name": "B"}, {"id": again, "name": "C"})
    assert [result["success"] for result in results] == [False, False, False]
    assert {error["field"] for result in results for error in result["errors"]} == {"id"}


async def test_the_mark_of_mcp_is_kept(world, outbox):
    (marked,) = await created(world, {"name": "By MCP"}, **{"X-MCP": "true"})
    assert (await world.session.get(Cohort, marked["cohort_id"])).mcp
    assert (await outbox())[-1].mcp


async def test_a_thousand_at_once(world, statements):
    ann, surgery, triage = (
        await world.person("Ann"),
        await world.department("Surgery"),
        await world.simulation("Triage"),
    )
    position = SimulationPosition(organization_id=world.organization, simulation_id=triage, value=1)
    world.session.add(position)
    await world.session.flush()
    common = {
        "description": "All alike",
        "department_ids": [str(surgery)],
        "simulations": ["Triage", "New"],
        "profile_ids": [str(ann.id)],
        "simulation_position_ids": [str(position.id)],
    }
    results = []

    async def call():
        results.extend(await created(world, *({"name": f"Cohort {index}", **common} for index in range(1000))))

    assert await statements(call()) <= 10
    assert all(result["success"] for result in results)
    assert [(await world.session.get(Cohort, results[index]["cohort_id"])).number for index in (0, 999)] == [1, 1000]


async def test_none_at_all(world):
    assert await created(world) == []


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"cohorts": [{"name": "A", "colour": "red"}]}, "/cohorts/0/colour"),
        ({"cohorts": [], "more": 1}, "/more"),
        ({}, "/cohorts"),
        ({"cohorts": {}}, "/cohorts"),
        ({"cohorts": [{"name": 3}]}, "/cohorts/0/name"),
        ({"cohorts": [{"name": ""}]}, "/cohorts/0/name"),
        ({"cohorts": [{"name": "x" * 401}]}, "/cohorts/0/name"),
        ({"cohorts": [{"name": "a\x00b"}]}, "/cohorts/0/name"),
        ({"cohorts": [{"name": "A", "description": "x" * 1001}]}, "/cohorts/0/description"),
        ({"cohorts": [{"name": "A", "profile_ids": ["x"]}]}, "/cohorts/0/profile_ids/0"),
        ({"cohorts": [{"name": "A", "active_flag": "yes"}]}, "/cohorts/0/active_flag"),
        ({"cohorts": [{}] * 10_001}, "/cohorts"),
    ],
)
async def test_bad_bodies_are_problems(world, body, pointer):
    answer = await world.as_().post(PATH, json=body)
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["errors"][0]["pointer"] == pointer


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'"x"', b"null", b'{"cohorts": [\xff]}'])
async def test_what_is_no_json_object(world, content):
    answer = await world.as_().post(PATH, content=content, headers={"content-type": "application/json"})
    assert answer.status_code == 400
    assert answer.json()["status"] == 400


async def test_too_large_a_body(world):
    answer = await world.as_().post(PATH, json={"cohorts": [{"name": "A", "description": "x" * 1_100_000}]})
    assert answer.status_code == 413


async def test_long_lists_of_names(world):
    (result,) = await created(world, {"name": "Many", "profiles": [f"n{index}" for index in range(9_999)]})
    assert len(result["errors"]) == 9_999


async def test_an_idempotency_key_makes_one(live, world):
    caller = live.as_(organization_id=uuid4(), roles=("org.admin",))
    headers = {"idempotency-key": str(uuid4())}
    body = {"cohorts": [{"name": "Once"}]}
    first = await caller.post(PATH, json=body, headers=headers)
    second = await caller.post(PATH, json=body, headers=headers)
    assert (first.status_code, second.status_code) == (200, 200)
    assert first.json() == second.json()
    assert (await caller.post(PATH, json={"cohorts": []}, headers=headers)).status_code == 422


async def test_numbers_are_given_once_when_many_create(live):
    caller = live.as_(organization_id=uuid4(), roles=("org.admin",))

    async def attempt(index):
        answer = await caller.post(PATH, json={"cohorts": [{"name": f"Race {index % 3}"}] * 3})
        return [result["cohort_id"] for result in answer.json()["results"]]

    made = await race(attempt)
    async with live.app.state.runtime.sessions() as session:
        ids = [identifier for group in made for identifier in group]
        found = list(await session.scalars(select(Cohort.number).where(Cohort.id.in_(ids))))
    assert sorted(found) == list(range(1, 49))


async def test_a_new_simulation_is_made_once_when_many_name_it(live):
    organization = uuid4()
    caller = live.as_(organization_id=organization, roles=("org.admin",))
    body = {"cohorts": [{"name": "A", "simulations": ["New"]}]}
    answers = await race(lambda _: caller.post(PATH, json=body))
    assert all(answer.json()["results"][0]["success"] for answer in answers)
    async with live.app.state.runtime.sessions() as session:
        made = select(func.count()).select_from(Simulation).where(Simulation.organization_id == organization)
        assert (await session.execute(made)).scalar_one() == 1
