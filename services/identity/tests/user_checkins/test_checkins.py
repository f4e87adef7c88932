from typing import Any
from uuid import UUID, uuid4

import pytest
from contracts.identity import UserCheckedIn
from identity_world import World, pointers

PATH = "/v1/user-checkins/"


def report(**fields: Any) -> dict[str, Any]:
    attributes = {name.replace("_", "-"): value for name, value in fields.items()}
    return {"data": {"type": "user-checkins", "attributes": attributes}}


async def person(world: World) -> tuple[UUID, str]:
    _, user_id = await world.confirmed()
    row = (await world.rows("SELECT primary_individual_id FROM users WHERE id = :id", id=user_id))[0]
    return user_id, str(row.primary_individual_id)


async def listed(client: Any, individual: str, **parameters: Any) -> list[dict[str, Any]]:
    answer = await client.get(PATH, params={"individual-id": individual} | parameters)
    assert answer.status_code == 200, answer.text
    return [row["attributes"] for row in answer.json()["data"]]


async def test_reports_and_their_summary(world: World) -> None:
    user_id, individual = await person(world)
    me = world.client.as_(user_id=user_id)
    for source, version in (("ios", "1"), ("web", "7"), ("ios", "2")):
        answer = await me.post(PATH, json=report(source=source, app_version=version, model="手机", os_version="17.5"))
        assert answer.status_code == 201, answer.text
    shown = answer.json()["data"]["attributes"]
    assert (shown["user-id"], shown["source"], shown["app-version"], shown["model"]) == (
        str(user_id),
        "ios",
        "2",
        "手机",
    )
    assert [row["app-version"] for row in await listed(me, individual)] == ["2", "7", "1"]
    assert [row["app-version"] for row in await listed(me, individual, summary=True)] == ["2", "7"]
    only = await listed(me, individual, **{"filter[source]": "ios", "summary": True})
    assert [row["app-version"] for row in only] == ["2"]
    told = await world.events(UserCheckedIn)
    assert [(event.user_id, event.source) for event in told] == [(user_id, name) for name in ("ios", "web", "ios")]


async def test_who_sees_them(world: World) -> None:
    user_id, individual = await person(world)
    await world.client.as_(user_id=user_id).post(PATH, json=report(source="web"))
    staff = await world.staff(world.orgs.organization_id)
    outsider = await world.staff(uuid4(), role="org.admin")
    for client in (world.client.as_(user_id=staff), world.client.as_operator(), world.client.as_service("orgs")):
        assert len(await listed(client, individual)) == 1
    assert await listed(world.client.as_(user_id=outsider), individual) == []
    assert await listed(world.client.as_operator(), str(uuid4())) == []


async def test_nobody_reports_for_another(world: World) -> None:
    user_id, _ = await person(world)
    act = {"sub": str(uuid4()), "sid": str(uuid4())}
    for client in (world.client.as_service("orgs"), world.client.as_(user_id=user_id, act=act)):
        assert (await client.post(PATH, json=report(source="web"))).status_code == 403


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({}, "/data/attributes/source"),
        ({"source": "fridge"}, "/data/attributes/source"),
        ({"source": "web", "model": "x" * 256}, "/data/attributes/model"),
        ({"source": "web", "model": "a\x00b"}, "/data/attributes/model"),
        ({"source": "web", "app_version": 7}, "/data/attributes/app-version"),
        ({"source": "web", "user_id": str(uuid4())}, "/data/attributes/user-id"),
    ],
    ids=lambda value: "" if isinstance(value, dict) else value,
)
async def test_what_is_wrong_is_named(world: World, fields: dict[str, Any], pointer: str) -> None:
    user_id, _ = await person(world)
    answer = await world.client.as_(user_id=user_id).post(PATH, json=report(**fields))
    assert (answer.status_code, pointers(answer)) == (400, [pointer])


@pytest.mark.parametrize("parameters", [{}, {"individual-id": "x"}])
async def test_the_individual_is_required(world: World, parameters: dict[str, str]) -> None:
    answer = await world.client.as_operator().get(PATH, params=parameters)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["source"] == {"parameter": "individual-id"}
