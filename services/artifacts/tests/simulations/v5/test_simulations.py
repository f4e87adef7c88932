"""`/api/v5/artifacts/simulations/…`."""

from uuid import UUID, uuid4

import pytest
from contracts.artifacts import SimulationCreated, SimulationDeleted, SimulationUpdated

OPEN = {"time": "2026-09-01T08:00:00Z", "type": "open"}
CLOSE = {"time": "2026-09-30T08:00:00Z", "type": "close"}


async def made(world, *items, caller=None):
    return (await world.post("simulations/create", {"simulations": list(items)}, caller))["results"]


async def one(world, **item) -> str:
    (result,) = await made(world, {"name": "Triage", **item})
    assert result["success"], result
    return result["simulation_id"]


async def got(world, simulation_id, caller=None):
    return await world.post("simulations/get", {"simulation_id": simulation_id}, caller)


async def test_made_and_read(world, outbox):
    await world.department("Surgery")
    simulation_id = await one(
        world, description="Who first", departments=["Surgery"], positions=[2, 1, 2], availability=[CLOSE, OPEN]
    )
    assert (await outbox())[-1] == SimulationCreated(
        simulation_id=UUID(simulation_id), organization_id=world.organization
    )
    body = await got(world, simulation_id)
    assert (body["name"], body["description"], len(body["department_ids"])) == ("Triage", "Who first", 1)
    assert [place["value"] for place in body["positions"]] == [1, 2]
    assert [(window["time"], window["type"]) for window in body["availability"]] == [
        (OPEN["time"], "open"),
        (CLOSE["time"], "close"),
    ]
    assert (body["can_edit"], body["can_delete"], body["usage_count"], body["disabled_reason"]) == (True, True, 0, None)
    read = await got(world, simulation_id, world.as_("org.member"))
    assert (read["can_edit"], read["disabled_reason"]) == (False, "Your role may read this, not change it.")


async def test_search(world):
    surgery = str(await world.department("Surgery"))
    used = await one(world, name="Alpha", department_ids=[surgery])
    await made(world, {"name": "Beta", "description": "alphabet"}, {"name": "Gamma"})
    await made(world, {"name": "Alpha"}, caller=world.as_(organization=world.elsewhere))
    await world.cohort("Spring", simulation_ids=[used])
    body = await world.post("simulations/search", {"search": "ALPHA", "page_size": 1})
    assert ([row["name"] for row in body["simulations"]], body["total_count"]) == (["Alpha"], 2)
    assert (body["simulations"][0]["usage_count"], body["simulations"][0]["can_delete"]) == (1, False)
    assert body["simulations"][0]["disabled_reason"] == "1 cohort uses it."
    assert [(option["name"], option["count"]) for option in body["department_filter"]["options"]] == [("Surgery", 1)]
    body = await world.post("simulations/search", {"filter_department_ids": [surgery]})
    assert [row["simulation_id"] for row in body["simulations"]] == [used]
    assert body["department_filter"]["selected_ids"] == [surgery]


async def test_an_item_with_errors_leaves_nothing(world):
    taken = await one(world)
    twice = str(uuid4())
    results = await made(
        world,
        {"name": "Good"},
        {"name": "Bad", "departments": ["Nowhere"], "department_ids": [str(uuid4())]},
        {"id": taken, "name": "Taken"},
        {"id": twice, "name": "Twice"},
        {"id": twice, "name": "Twice"},
    )
    assert [result["success"] for result in results] == [True, False, False, False, False]
    assert [error["field"] for error in results[1]["errors"]] == ["department_ids", "departments"]
    assert results[2]["errors"] == [{"field": "id", "message": "The id is taken."}]
    assert (await world.post("simulations/search", {}))["total_count"] == 2


async def test_update(world, outbox):
    simulation_id = await one(world, description="Who first", positions=[1, 2], availability=[OPEN])
    unknown = str(uuid4())
    body = await world.post(
        "simulations/update",
        {
            "simulations": [
                {"simulation_id": simulation_id, "name": "Triage 2", "positions": [2, 3], "availability": []},
                {"simulation_id": unknown, "name": "X"},
            ]
        },
    )
    assert [result["success"] for result in body["results"]] == [True, False]
    assert body["results"][1]["errors"] == [{"field": "simulation_id", "message": "There is none with this id."}]
    after = await got(world, simulation_id)
    assert (after["name"], after["description"], after["availability"]) == ("Triage 2", "Who first", [])
    assert [place["value"] for place in after["positions"]] == [2, 3]
    assert (await outbox())[-1] == SimulationUpdated(
        simulation_id=UUID(simulation_id), organization_id=world.organization
    )


async def test_what_a_cohort_uses_stays(world, outbox):
    simulation_id = await one(world, positions=[1, 2], availability=[OPEN])
    before = await got(world, simulation_id)
    cohort_id = await world.cohort(
        "Spring",
        simulation_ids=[simulation_id],
        simulation_position_ids=[before["positions"][0]["id"]],
        simulation_availability_ids=[before["availability"][0]["id"]],
    )
    item = {"simulation_id": simulation_id, "name": "Changed", "positions": [], "availability": []}
    (result,) = (await world.post("simulations/update", {"simulations": [item]}))["results"]
    assert [error["field"] for error in result["errors"]] == ["positions", "availability"]
    assert result["errors"][0]["message"] == "A cohort uses 1."
    assert await got(world, simulation_id) == before | {"usage_count": 1, "can_delete": False} | {
        "disabled_reason": "1 cohort uses it."
    }
    (kept,) = (await world.post("simulations/delete", {"simulation_ids": [simulation_id]}))["results"]
    assert kept["errors"] == [{"field": "simulation_id", "message": "1 cohort uses it."}]
    await world.post("cohorts/delete", {"cohort_ids": [cohort_id]})
    results = (await world.post("simulations/delete", {"simulation_ids": [simulation_id, simulation_id]}))["results"]
    assert [result["success"] for result in results] == [True, False]
    assert (await outbox())[-1] == SimulationDeleted(
        simulation_id=UUID(simulation_id), organization_id=world.organization
    )
    answer = await world.as_().post("/api/v5/artifacts/simulations/get", json={"simulation_id": simulation_id})
    assert answer.status_code == 404


async def test_another_organizations(world):
    theirs = await world.simulation("Theirs", world.elsewhere)
    answer = await world.as_().post("/api/v5/artifacts/simulations/get", json={"simulation_id": str(theirs)})
    assert answer.status_code == 404
    (result,) = (await world.post("simulations/delete", {"simulation_ids": [str(theirs)]}))["results"]
    assert not result["success"]


@pytest.mark.parametrize(
    ("operation", "body", "pointer"),
    [
        ("create", {"simulations": [{"name": ""}]}, "/simulations/0/name"),
        ("create", {"simulations": [{}]}, "/simulations/0/name"),
        ("create", {"simulations": [{"name": "A", "positions": [-1]}]}, "/simulations/0/positions/0"),
        ("create", {"simulations": [{"name": "A", "availability": [{"time": "x", "type": "open"}]}]}, "/simulations/0"),
        ("create", {"simulations": [{"name": "A"}] * 10_001}, "/simulations"),
        ("update", {"simulations": [{"name": "A"}]}, "/simulations/0/simulation_id"),
        ("delete", {"simulation_ids": ["x"]}, "/simulation_ids/0"),
        ("get", {}, "/simulation_id"),
        ("search", {"page_size": 0}, "/page_size"),
    ],
    ids=["empty name", "no name", "place", "time", "too many", "no id", "bad id", "which", "page"],
)
async def test_bad_bodies(world, operation, body, pointer):
    answer = await world.as_().post(f"/api/v5/artifacts/simulations/{operation}", json=body)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["pointer"].startswith(pointer)


async def test_a_thousand_at_once(world, statements):
    items = [{"name": f"S{index}", "positions": [index]} for index in range(1000)]
    assert await statements(made(world, *items)) <= 10
