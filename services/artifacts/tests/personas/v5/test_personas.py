"""`/api/v5/artifacts/personas/…`."""

from uuid import UUID, uuid4

import pytest
from contracts.artifacts import PersonaCreated, PersonaDeleted, PersonaUpdated


async def made(world, *items, caller=None):
    return (await world.post("personas/create", {"personas": list(items)}, caller))["results"]


async def one(world, **item) -> str:
    (result,) = await made(world, {"name": "Nurse", **item})
    assert result["success"], result
    return result["persona_id"]


async def test_made_read_and_changed(world, outbox):
    surgery = str(await world.department("Surgery"))
    persona_id = await one(
        world, icon="heart", color="#ff8800", departments=["Surgery"], instructions="Be kind.", examples=["Hello"]
    )
    assert (await outbox())[-1] == PersonaCreated(persona_id=UUID(persona_id), organization_id=world.organization)
    body = await world.post("personas/get", {"persona_id": persona_id})
    assert (body["name"], body["icon"], body["color"], body["active"]) == ("Nurse", "heart", "#ff8800", True)
    assert (body["department_ids"], body["instructions"], body["examples"]) == ([surgery], "Be kind.", ["Hello"])
    item = {"persona_id": persona_id, "active": False, "examples": [], "department_ids": []}
    (result,) = (await world.post("personas/update", {"personas": [item]}))["results"]
    assert result == {"success": True, "persona_id": persona_id, "message": "The persona was updated.", "errors": []}
    after = await world.post("personas/get", {"persona_id": persona_id})
    assert (after["active"], after["examples"], after["department_ids"], after["name"]) == (False, [], [], "Nurse")
    assert (await outbox())[-1] == PersonaUpdated(persona_id=UUID(persona_id), organization_id=world.organization)


async def test_search(world):
    await made(world, {"name": "Nurse"}, {"name": "Surgeon", "description": "no nurse"}, {"name": "Patient"})
    await made(world, {"name": "Nurse"}, caller=world.as_(organization=world.elsewhere))
    body = await world.post("personas/search", {"search": "nurse"}, world.as_("org.member"))
    assert [row["name"] for row in body["personas"]] == ["Nurse", "Surgeon"]
    assert (body["total_count"], body["user_role"]) == (2, "member")
    assert not any(row["can_edit"] or row["can_delete"] for row in body["personas"])


async def test_one_that_is_played_stays(world, outbox):
    ann, persona_id = await world.person("Ann"), await one(world)
    begun = await world.as_(user=ann.user_id).patch(
        "/api/v5/artifacts/cohorts/draft",
        json={
            "name": "Spring",
            "profile_ids": [str(ann.id)],
            "profile_personas": [{"profile_id": str(ann.id), "persona_id": persona_id}],
        },
    )
    parts = begun.json()["form_state"]["profile_persona_ids"]
    cohort_id = await world.cohort("Spring", profile_ids=[str(ann.id)], profile_persona_ids=parts)
    (kept,) = (await world.post("personas/delete", {"persona_ids": [persona_id]}))["results"]
    assert kept["errors"] == [{"field": "persona_id", "message": "1 cohort uses it."}]
    await world.post("cohorts/delete", {"cohort_ids": [cohort_id]})
    (gone,) = (await world.post("personas/delete", {"persona_ids": [persona_id]}))["results"]
    assert gone["success"]
    assert (await outbox())[-1] == PersonaDeleted(persona_id=UUID(persona_id), organization_id=world.organization)
    assert (await world.post("personas/search", {}))["total_count"] == 0


async def test_what_is_not_there(world):
    theirs = await world.post("personas/create", {"personas": [{"name": "X"}]}, world.as_(organization=world.elsewhere))
    for persona_id in (theirs["results"][0]["persona_id"], str(uuid4())):
        answer = await world.as_().post("/api/v5/artifacts/personas/get", json={"persona_id": persona_id})
        assert answer.status_code == 404
        for operation, body in (
            ("update", {"personas": [{"persona_id": persona_id, "name": "Y"}]}),
            ("delete", {"persona_ids": [persona_id]}),
        ):
            (result,) = (await world.post(f"personas/{operation}", body))["results"]
            assert result["errors"][0]["field"] == "persona_id"


@pytest.mark.parametrize(
    ("item", "pointer"),
    [
        ({"name": "A", "color": "red"}, "/personas/0/color"),
        ({"name": "A", "examples": ["x" * 1001]}, "/personas/0/examples/0"),
        ({"name": "A", "examples": ["x"] * 101}, "/personas/0/examples"),
        ({"name": "A", "instructions": "x" * 10_001}, "/personas/0/instructions"),
        ({"name": "A", "age": 3}, "/personas/0/age"),
    ],
    ids=["colour", "example", "examples", "instructions", "unknown"],
)
async def test_bad_bodies(world, item, pointer):
    answer = await world.as_().post("/api/v5/artifacts/personas/create", json={"personas": [item]})
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["pointer"] == pointer
