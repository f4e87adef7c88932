from typing import Any

import pytest
from identity_world import World, pointers


@pytest.mark.parametrize(
    ("password", "least", "most"),
    [("password", 0, 0), ("correct-Horse-battery-7", 3, 4), ("🙂" * 200, 0, 2), ("\x00" * 9, 0, 1), ("x" * 255, 0, 1)],
)
async def test_strength(world: World, password: str, least: int, most: int) -> None:
    answer = await world.post("/v1/password-strength/", {"password": password})
    body = answer.json()
    assert answer.status_code == 201
    assert least <= body["strength"]["value"] <= most
    assert body["strength"]["label"]
    assert body["pwned"]["times"] == -1


async def test_suggestions_and_leaks(world: World) -> None:
    body = (await world.post("/v1/password-strength/", {"password": "abc", "check-pwned": True})).json()
    assert body["suggestions"]
    assert "configured" in body["pwned"]["message"]


@pytest.mark.parametrize("body", [{"password": ""}, {"password": "x" * 256}, {}, {"password": 1}])
async def test_what_is_wrong_is_named(world: World, body: dict[str, Any]) -> None:
    answer = await world.post("/v1/password-strength/", body)
    assert (answer.status_code, pointers(answer)) == (400, ["/password"])
