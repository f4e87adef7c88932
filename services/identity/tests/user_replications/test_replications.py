from typing import Any
from uuid import uuid4

import pytest
from identity_world import World, pointers
from testkit.races import race

PATH = "/v1/user-replications/"


def copy(user_id: object, service: str = "artifacts") -> dict[str, Any]:
    return {"data": {"type": "user-replications", "attributes": {"user-id": str(user_id), "service": service}}}


async def services(client: Any, user_id: object, **parameters: Any) -> list[str]:
    answer = await client.get(PATH, params={"user-id": str(user_id)} | parameters)
    assert answer.status_code == 200, answer.text
    return [row["attributes"]["service"] for row in answer.json()["data"]]


async def test_a_service_says_that_it_holds_a_copy(world: World) -> None:
    _, user_id = await world.confirmed()
    first = await world.client.as_service("artifacts").post(PATH, json=copy(user_id))
    again = await world.client.as_service("artifacts").post(PATH, json=copy(user_id))
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    await world.client.as_operator().post(PATH, json=copy(user_id, "analytics"))
    me = world.client.as_(user_id=user_id)
    assert await services(me, user_id) == ["artifacts", "analytics"]
    assert await services(me, user_id, **{"page[offset]": 1}) == ["analytics"]


@pytest.mark.parametrize(
    ("service", "status", "pointer"),
    [
        ("orgs", 403, "/data/attributes/service"),
        ("", 400, "/data/attributes/service"),
        ("A b", 400, "/data/attributes/service"),
    ],
)
async def test_what_is_wrong_is_named(world: World, service: str, status: int, pointer: str) -> None:
    _, user_id = await world.confirmed()
    answer = await world.client.as_service("artifacts").post(PATH, json=copy(user_id, service))
    assert (answer.status_code, pointers(answer)) == (status, [pointer])


async def test_nobody_that_there_is(world: World) -> None:
    answer = await world.client.as_service("artifacts").post(PATH, json=copy(uuid4()))
    assert (answer.status_code, pointers(answer)) == (400, ["/data/attributes/user-id"])
    missing = await world.client.as_operator().get(PATH, params={"user-id": str(uuid4())})
    assert missing.status_code == 404


async def test_sixteen_times_at_once_is_once(live_world: World) -> None:
    _, user_id = await live_world.confirmed()
    service = live_world.client.as_service("artifacts")
    answers = await race(lambda _: service.post(PATH, json=copy(user_id)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["data"]["id"] for answer in answers}) == 1
