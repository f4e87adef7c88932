"""Many at once, too many, and answers that are asked for twice."""

import msgspec
import pytest
from directories import GROUP, directory, new_user
from identity.parts import parts_of
from identity_world import World
from testkit.races import race


async def test_of_many_users_with_one_name_one_is_made(live_world: World) -> None:
    ours = await directory(live_world)
    body = new_user()

    async def attempt(_: int) -> tuple[int, str | None]:
        answer = await ours.post("Users", body)
        return answer.status_code, answer.json().get("scimType")

    assert sorted(await race(attempt, 6)) == [(201, None)] + [(409, "uniqueness")] * 5


async def test_changes_of_one_group_at_once_lose_nobody(live_world: World) -> None:
    ours = await directory(live_world)
    people = [await ours.user() for _ in range(5)]
    group = await ours.group("Nurses")

    async def attempt(number: int) -> int:
        member = {"op": "add", "path": "members", "value": [{"value": people[number]["id"]}]}
        return (await ours.patch(f"Groups/{group['id']}", member)).status_code

    assert await race(attempt, 5) == [200] * 5
    members = (await ours.get(f"Groups/{group['id']}")).json()["members"]
    assert {one["value"] for one in members} == {one["id"] for one in people}


async def test_a_directory_has_a_budget_of_its_own(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    ours, theirs = await directory(world), await directory(world)
    parts = parts_of(world.runtime)
    monkeypatch.setattr(parts, "settings", msgspec.structs.replace(parts.settings, throttle_scale=0.004))
    answers = [await ours.get("ResourceTypes") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert int(answers[2].headers["retry-after"]) >= 1
    assert answers[2].json()["status"] == "429"
    assert (await theirs.get("ResourceTypes")).status_code == 200


async def test_what_was_done_under_a_key_is_not_done_again(world: World) -> None:
    ours = await directory(world)
    ours.client.headers["idempotency-key"] = "the same"
    body = {"schemas": [GROUP], "displayName": "Nurses"}
    first, second = [await ours.client.post(ours.url("Groups"), json=body) for _ in range(2)]
    assert (first.status_code, second.status_code) == (201, 409)
    assert "scimType" not in second.json()
