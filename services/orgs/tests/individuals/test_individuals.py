from uuid import UUID, uuid4

import pytest
from contracts.orgs import GroupPeopleChanged, IndividualRegistered, IndividualUpdated
from orgs_world import World, change, ids, new, ok, pointers, refused


async def test_an_organization_registers_one(world: World, outbox) -> None:
    organization, chosen = await world.organization(), uuid4()
    body = new("individuals", owner_id=organization, individual_id=chosen, first_name="Ana", phone="+34911234567")
    made = ok(await world.operator.post("/v1/individuals/", json=body), 201)["data"]
    assert UUID(made["id"]) == chosen
    assert made["attributes"]["owner-id"] == str(organization)
    assert (made["attributes"]["owner-type"], made["attributes"]["first-name"]) == ("organization", "Ana")
    events = await outbox()
    registered = [event for event in events if isinstance(event, IndividualRegistered)]
    assert registered == [
        IndividualRegistered(
            individual_id=chosen, owner_id=organization, owner_type="organization", organization_id=organization
        )
    ]
    added = [event for event in events if isinstance(event, GroupPeopleChanged)]
    assert {event.group_id for event in added} == set((await world.kept(organization)).values())
    assert pointers(await world.operator.post("/v1/individuals/", json=body), 409)


async def test_only_administrators_register_for_an_organization(world: World) -> None:
    organization = await world.organization()
    body = new("individuals", owner_id=organization)
    answer = await world.as_(await world.staff(organization)).post("/v1/individuals/", json=body)
    assert pointers(answer, 403) == {""}
    stranger = world.as_(await world.staff(await world.organization(), "org.admin"))
    assert pointers(await stranger.post("/v1/individuals/", json=body), 404) == {"/data/attributes/owner-id"}
    ok(await world.client.as_service("identity").post("/v1/individuals/", json=body), 201)


async def test_a_user_owns_one(world: World) -> None:
    user = world.neighbours.user()
    person = world.as_(user)
    made = ok(await person.post("/v1/individuals/", json=new("individuals", owner_id=user)), 201)["data"]
    assert made["attributes"]["owner-type"] == "user"
    path = f"/v1/individuals/{made['id']}/"
    ok(await person.get(path))
    ok(await person.patch(path, json=change("individuals", made["id"], last_name="Ruiz")))
    refused(await world.operator.get(path), 404)
    refused(await world.as_(uuid4()).patch(path, json=change("individuals", made["id"])), 404)
    answer = await person.post("/v1/individuals/", json=new("individuals", owner_id=uuid4()))
    assert pointers(answer, 404) == {"/data/attributes/owner-id"}
    answer = await world.client.as_service("identity").post(
        "/v1/individuals/", json=new("individuals", owner_id=uuid4())
    )
    assert pointers(answer, 404) == {"/data/attributes/owner-id"}


async def test_an_administrator_registers_for_somebody_of_the_organization(world: World) -> None:
    organization = await world.organization()
    user = await world.staff(organization)
    ok(await world.operator.post("/v1/individuals/", json=new("individuals", owner_id=user)), 201)
    foreign = await world.staff(await world.organization())
    admin = world.as_(await world.staff(organization, "org.admin"))
    answer = await admin.post("/v1/individuals/", json=new("individuals", owner_id=foreign))
    assert pointers(answer, 404) == {"/data/attributes/owner-id"}


@pytest.mark.parametrize(
    ("attributes", "pointer"),
    [
        ({"owner_id": "x"}, "/data/attributes/owner-id"),
        ({"individual_id": "x"}, "/data/attributes/individual-id"),
        ({"birth_date": "1980-13-01"}, "/data/attributes/birth-date"),
        ({"email": "none"}, "/data/attributes/email"),
        ({"phone": "911"}, "/data/attributes/phone"),
        ({"tz": "Nowhere"}, "/data/attributes/tz"),
        ({"first_name": "x" * 128}, "/data/attributes/first-name"),
        ({"nick_name": "x"}, "/data/attributes/nick-name"),
    ],
)
async def test_bad_input_is_named(world: World, attributes, pointer) -> None:
    body = {"owner_id": await world.organization()} | attributes
    assert pointers(await world.operator.post("/v1/individuals/", json=new("individuals", **body)), 400) == {pointer}


async def test_changing_one(world: World, outbox) -> None:
    organization = await world.organization()
    one = await world.individual(organization, first_name="Ana", email="a@example.org")
    body = change("individuals", one, first_name="Eva", email=None, tz="Europe/Madrid")
    changed = ok(await world.operator.patch(f"/v1/individuals/{one}/", json=body))["data"]["attributes"]
    assert (changed["first-name"], changed["email"], changed["tz"]) == ("Eva", None, "Europe/Madrid")
    assert isinstance((await outbox())[-1], IndividualUpdated)
    count = len(await outbox())
    ok(await world.operator.patch(f"/v1/individuals/{one}/", json=change("individuals", one)))
    assert len(await outbox()) == count
    answer = await world.operator.patch(f"/v1/individuals/{one}/", json=change("individuals", uuid4()))
    assert pointers(answer, 400) == {"/data/id"}
    answer = await world.operator.patch(f"/v1/individuals/{one}/", json=change("individuals", one, owner_id=uuid4()))
    assert pointers(answer, 400) == {"/data/attributes/owner-id"}
    refused(await world.operator.get(f"/v1/individuals/{uuid4()}/"), 404)


async def test_the_list_and_its_filters(world: World) -> None:
    organization, other = await world.organization(), await world.organization()
    ana = await world.individual(organization, first_name="Ana", last_name="Ruiz")
    ben = await world.individual(organization, preferred_name="Ben 100%")
    hidden = await world.individual(other)
    group = await world.group(organization, individual_ids=[ben])

    async def found(client=None, **query) -> list[UUID]:
        return ids(await (client or world.operator).get("/v1/individuals/", params=query))

    query = {"organization-id": str(organization)}
    assert await found(**query) == [ana, ben]
    assert await found(**query, **{"filter[text]": "a r"}) == [ana]
    assert await found(**query, **{"filter[text]": "100%"}) == [ben]
    assert await found(**{"filter[individual-group-id]": str(group)}) == [ben]
    assert await found(ids=[str(ana), str(hidden)]) == [ana, hidden]
    assert await found(**{"filter[owner-id]": str(other)}) == [hidden]
    assert await found(**query, **{"page[limit]": 1, "page[offset]": 1}) == [ben]
    assert await found(**query, **{"filter[cmp-last-modified-time]": "<2020-01-01T00:00:00Z"}) == []
    member = await world.staff(organization)
    assert await found(world.as_(member)) == []
    ok(await world.act(group, "add-members", user_ids=[member]), 201)
    assert await found(world.as_(member)) == [ben]
    assert await found(world.as_(member), ids=[str(ana), str(hidden)]) == []


async def test_other_services_read_many_with_what_can_be_asked_of_them(world: World) -> None:
    organization = await world.organization()
    made = [await world.individual(organization, first_name="Ana", phone="+34911234567") for _ in range(3)]
    service = world.client.as_service("authz")
    found = ok(await service.get("/v1/individuals/", params={"ids": [str(one) for one in made]}))["data"]
    assert [UUID(one["id"]) for one in found] == made
    asked = {"account-type", "birth-date", "email", "email-verified", "first-name", "last-name", "owner-id", "phone"}
    assert asked | {"phone-verified", "registered", "owner-type", "user-id"} <= found[0]["attributes"].keys()
    assert found[0]["attributes"]["account-type"] == "patient"
    most = {"ids": [str(uuid4()) for _ in range(500)]}
    assert ok(await service.get("/v1/individuals/", params=most))["data"] == []
    most["ids"].append(str(made[0]))
    errors = refused(await service.get("/v1/individuals/", params=most), 400)
    assert errors[0]["source"] == {"parameter": "ids"}
