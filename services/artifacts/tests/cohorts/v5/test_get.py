"""`POST /api/v5/artifacts/cohorts/get`."""

from uuid import uuid4

import pytest
from artifacts.personas.models import Persona, ProfilePersona
from artifacts.simulations.models import SimulationAvailability, SimulationPosition
from kernel import now

PATH = "/api/v5/artifacts/cohorts/get"


async def form(world, caller=None, **body):
    return await world.post("cohorts/get", body, caller)


async def test_an_empty_form(world):
    await world.department("Surgery")
    await world.person("Ann")
    await world.simulation("Triage")
    await world.cohort("Known name", description="Known text")
    body = await form(world)
    assert (body["cohort_exists"], body["can_edit"], body["disabled_reason"]) == (False, True, None)
    assert body["names"]["resource"] is None
    assert body["names"]["required"]
    assert [item["name"] for item in body["names"]["resources"]] == ["Known name"]
    assert [item["description"] for item in body["descriptions"]["resources"]] == ["Known text"]
    assert [item["name"] for item in body["departments"]["resources"]] == ["Surgery"]
    assert [item["name"] for item in body["profiles"]["resources"]] == ["Ann Doe"]
    assert [item["name"] for item in body["simulations"]["resources"]] == ["Triage"]
    assert body["flags"]["resource"]["label"] == "Active"
    assert body["simulations"]["current"] == body["profiles"]["current"] == body["departments"]["current"] == []
    assert not body["basic_show_ai_generate"]
    assert not body["simulations_step_show_ai_generate"]
    assert not body["profiles_step_show_ai_generate"]


async def test_a_cohort_as_a_form(world):
    ann, bob = await world.person("Ann"), await world.person("Bob")
    surgery, simulation = await world.department("Surgery"), await world.simulation("Triage")
    position = SimulationPosition(organization_id=world.organization, simulation_id=simulation, value=2)
    window = SimulationAvailability(
        organization_id=world.organization, simulation_id=simulation, time=now(), type="open"
    )
    persona = Persona(organization_id=world.organization, name="Nurse", examples=["hello"])
    world.session.add_all([position, window, persona])
    await world.session.flush()
    part = ProfilePersona(organization_id=world.organization, profile_id=ann.id, persona_id=persona.id)
    world.session.add(part)
    await world.session.flush()
    cohort_id = await world.cohort(
        "Spring",
        description="First",
        active_flag=False,
        department_ids=[str(surgery)],
        simulation_ids=[str(simulation)],
        profile_ids=[str(ann.id)],
        simulation_position_ids=[str(position.id)],
        simulation_availability_ids=[str(window.id)],
        profile_persona_ids=[str(part.id)],
    )
    body = await form(world, cohort_id=cohort_id)
    assert body["cohort_exists"]
    assert body["group_id"] == cohort_id
    assert body["names"]["resource"]["name"] == "Spring"
    assert body["descriptions"]["resource"]["description"] == "First"
    assert body["flags"]["resource"]["label"] == "Inactive"
    assert [item["department_id"] for item in body["departments"]["current"]] == [str(surgery)]
    assert [item["simulation_id"] for item in body["simulations"]["current"]] == [str(simulation)]
    assert [item["value"] for item in body["simulation_positions"]["current"]] == [2]
    assert [item["type"] for item in body["simulation_availability"]["current"]] == ["open"]
    assert [item["profile_id"] for item in body["profiles"]["current"]] == [str(ann.id)]
    selected = {item["name"]: item["selected"] for item in body["profiles"]["resources"]}
    assert selected == {"Ann Doe": True, "Bob Doe": False}
    assert [item["persona_id"] for item in body["profile_personas"]["current"]] == [str(persona.id)]
    assert [item["examples"] for item in body["personas"]] == [["hello"]]
    assert bob.id

    shown = await form(world, cohort_id=cohort_id, profile_show_selected=True, simulation_search="nothing")
    assert [item["name"] for item in shown["profiles"]["resources"]] == ["Ann Doe"]
    assert shown["simulations"]["resources"] == []
    assert len(shown["simulations"]["current"]) == 1


async def test_a_reader_is_told_why_not(world):
    cohort_id = await world.cohort("Spring")
    body = await form(world, world.as_("org.member"), cohort_id=cohort_id)
    assert not body["can_edit"]
    assert body["disabled_reason"] == "Your role may read cohorts, not change them."


@pytest.mark.parametrize("body", [{"cohort_id": str(uuid4())}, {"draft_id": str(uuid4())}])
async def test_unknown(world, body):
    answer = await world.as_().post(PATH, json=body)
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"


async def test_another_organizations_cohort(world):
    cohort_id = await world.cohort("Theirs", world.as_(organization=world.elsewhere))
    answer = await world.as_().post(PATH, json={"cohort_id": cohort_id})
    assert answer.status_code == 404


@pytest.mark.parametrize("body", [{"cohort_id": "x"}, {"profile_show_selected": "yes"}, {"other": 1}])
async def test_bad_bodies(world, body):
    assert (await world.as_().post(PATH, json=body)).status_code == 400
