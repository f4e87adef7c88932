from uuid import UUID

import pytest
from contracts.orgs import GroupCreated, OrganizationCreated, OrganizationUserAdded
from orgs_world import World, change, new, ok, pointers, refused


async def test_the_operator_makes_one_and_becomes_its_administrator(world: World, outbox) -> None:
    body = new("organizations", name="Harbour Clinic", display_name="Harbour", classification="customer_test")
    made = ok(await world.operator.post("/v1/organizations/", json=body), 201)["data"]
    attributes = made["attributes"]
    assert attributes["name"] == "Harbour Clinic"
    assert attributes["display-name"] == "Harbour"
    assert attributes["is-active"] is True
    assert attributes["theme-id"] is None
    assert attributes["number"] > 0
    assert attributes["last-modified-time"].endswith("Z")
    events = await outbox()
    created, added = events[0], events[-1]
    assert isinstance(created, OrganizationCreated)
    assert created.number == attributes["number"]
    assert created.created_by == world.operator_id
    assert isinstance(added, OrganizationUserAdded)
    assert (added.user_id, added.role, added.account_type) == (world.operator_id, "org.admin", "provider")
    kept = {event.type for event in events if isinstance(event, GroupCreated)}
    assert kept == {"all_participants", "unassigned"}
    changed = await world.operator.patch(
        f"/v1/organizations/{made['id']}/", json=change("organizations", made["id"], timezone="Europe/Madrid")
    )
    assert ok(changed)["data"]["attributes"]["timezone"] == "Europe/Madrid"


async def test_support_may_make_one_too_and_others_may_not(world: World) -> None:
    support = world.client.as_(user_id=world.neighbours.user(), roles=("system.support",))
    ok(await support.post("/v1/organizations/", json=new("organizations", name="A")), 201)
    organization = UUID(ok(await support.get("/v1/organizations/"))["data"][-1]["id"])
    admin = await world.staff(await world.organization(), "org.admin")
    refused(await world.as_(admin).post("/v1/organizations/", json=new("organizations", name="B")), 403)
    assert organization


async def test_each_has_a_number_of_its_own(world: World) -> None:
    numbers = [
        ok(await world.operator.post("/v1/organizations/", json=new("organizations", name="N")), 201) for _ in range(3)
    ]
    assert len({made["data"]["attributes"]["number"] for made in numbers}) == 3


@pytest.mark.parametrize(
    ("attributes", "pointer"),
    [
        ({}, "/data/attributes/name"),
        ({"name": ""}, "/data/attributes/name"),
        ({"name": "  "}, "/data/attributes/name"),
        ({"name": 7}, "/data/attributes/name"),
        ({"name": "x" * 256}, "/data/attributes/name"),
        ({"name": "A", "classification": "friend"}, "/data/attributes/classification"),
        ({"name": "A", "timezone": "Mars/Olympus"}, "/data/attributes/timezone"),
        ({"name": "A", "number": 7}, "/data/attributes/number"),
        ({"name": "A", "theme_id": None}, "/data/attributes/theme-id"),
    ],
)
async def test_bad_input_is_named(world: World, attributes, pointer) -> None:
    answer = await world.operator.post("/v1/organizations/", json=new("organizations", **attributes))
    assert pointers(answer, 400) == {pointer}


async def test_the_wrong_type_is_named(world: World) -> None:
    answer = await world.operator.post("/v1/organizations/", json=new("individuals", name="A"))
    assert "/data/type" in pointers(answer, 400)
