from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from identity.upkeep import sweep
from identity_world import World, email

PATH = "/v1/user-activities/"


async def kinds(client: Any, **parameters: Any) -> list[str]:
    answer = await client.get(PATH, params=parameters)
    assert answer.status_code == 200, answer.text
    return [row["attributes"]["event-type"] for row in answer.json()["data"]]


async def test_signing_up_in_and_coming_back(world: World) -> None:
    username, user_id = await world.confirmed()
    tokens = (await world.sign_in(username)).json()
    me = world.client.as_(user_id=user_id)
    assert await kinds(me) == ["login", "sreg"]
    again = (await world.refresh(tokens["refresh-token"])).json()
    assert await kinds(me) == ["login", "sreg"]
    await world.rows("UPDATE sessions SET last_seen_at = now() - interval '2 minutes'")
    assert (await world.refresh(again["refresh-token"])).status_code == 201
    assert await kinds(me) == ["refr", "login", "sreg"]
    newest = (await me.get(PATH)).json()["data"][0]
    assert newest["type"] == "user-activities"
    assert newest["attributes"]["user-id"] == str(user_id)
    assert newest["attributes"]["carium-employee"] is False
    assert newest["attributes"]["timestamp"].endswith("Z")
    assert await kinds(me, **{"filter[event-types]": ["login", "refr"]}) == ["refr", "login"]
    assert await kinds(me, **{"page[limit]": 1, "page[offset]": 1}) == ["login"]
    later = (datetime.now(UTC) + timedelta(minutes=1)).isoformat()
    bounds = {"filter[cmp-timestamp]": [">2020-01-01T00:00:00Z", f"<={later}"]}
    assert len(await kinds(me, **bounds)) == 3
    assert await kinds(me, **{"filter[cmp-timestamp]": f">{later}"}) == []


async def test_the_operators_staff_are_left_out_unless_asked_for(world: World) -> None:
    address = email()
    user_id = await world.account(email=address, classification="carium")
    await world.sign_in(address)
    operator = world.client.as_operator()
    asked = {"filter[user-id]": str(user_id)}
    assert await kinds(operator, **asked) == []
    rows = (await operator.get(PATH, params=asked | {"filter[exclude-carium-activity]": False})).json()["data"]
    assert [row["attributes"]["carium-employee"] for row in rows] == [True]


async def test_who_sees_whose(world: World) -> None:
    _, user_id = await world.confirmed()
    colleague = await world.staff(world.orgs.organization_id)
    outsider = await world.staff(uuid4(), role="org.admin")
    asked = {"filter[user-id]": str(user_id)}
    for client in (world.client.as_(user_id=colleague), world.client.as_operator(), world.client.as_service("orgs")):
        assert await kinds(client, **asked) == ["sreg"]
    assert await kinds(world.client.as_(user_id=outsider)) == []
    answer = await world.client.as_(user_id=outsider).get(PATH, params=asked)
    assert answer.status_code == 404
    assert answer.json()["errors"][0]["source"] == {"parameter": "filter[user-id]"}


@pytest.mark.parametrize(
    ("parameters", "name"),
    [
        ({"filter[event-types]": "logout"}, "filter[event-types]"),
        ({"filter[cmp-timestamp]": "yesterday"}, "filter[cmp-timestamp]"),
        ({"filter[cmp-timestamp]": ">2026-02-30T00:00:00Z"}, "filter[cmp-timestamp]"),
        ({"filter[cmp-timestamp]": [">2026-01-01T00:00:00Z"] * 3}, "filter[cmp-timestamp]"),
        ({"filter[user-id]": "x"}, "filter[user-id]"),
        ({"filter[exclude-carium-activity]": "perhaps"}, "filter[exclude-carium-activity]"),
        ({"page[limit]": 1001}, "page[limit]"),
        ({"sort-by": "id"}, "sort-by"),
    ],
)
async def test_what_is_wrong_is_named(world: World, parameters: dict[str, Any], name: str) -> None:
    answer = await world.client.as_operator().get(PATH, params=parameters)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["source"] == {"parameter": name}


async def test_old_ones_go(world: World) -> None:
    _, user_id = await world.confirmed()
    me = world.client.as_(user_id=user_id)
    await world.rows("UPDATE user_activities SET at = now() - interval '401 days'")
    await sweep(world.runtime)
    assert await kinds(me) == []
    assert isinstance(user_id, UUID)
