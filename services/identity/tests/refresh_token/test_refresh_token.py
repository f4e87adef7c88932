import random

import pytest
from contracts.identity import SessionEnded
from identity_world import World, codes
from testkit.races import race


async def test_a_token_is_rotated(world: World) -> None:
    first = await world.signed_in()
    second = (await world.refresh(first["refresh-token"])).json()
    assert second["refresh-token"] != first["refresh-token"]
    assert second["access-token"] != first["access-token"]
    assert second["session-id"] == first["session-id"]
    assert second["refresh-token"].startswith("mst_rt_")
    assert second["token-type"] == "Bearer"


async def test_a_replay_within_the_window_gets_the_same_successor_five_times(world: World) -> None:
    first = (await world.signed_in())["refresh-token"]
    answers = [await world.refresh(first) for _ in range(7)]
    assert [answer.status_code for answer in answers] == [201] * 6 + [401]
    successors = {answer.json()["refresh-token"] for answer in answers[:6]}
    assert len(successors) == 1
    assert (await world.refresh(successors.pop())).status_code == 201
    assert await world.events(SessionEnded) == []


async def test_the_window_does_not_extend(world: World) -> None:
    first = (await world.signed_in())["refresh-token"]
    second = (await world.refresh(first)).json()["refresh-token"]
    await world.rows("UPDATE refresh_tokens SET first_used_at = first_used_at - interval '9 seconds'")
    assert (await world.refresh(first)).status_code == 201
    await world.rows("UPDATE refresh_tokens SET first_used_at = first_used_at - interval '2 seconds'")
    assert (await world.refresh(first)).status_code == 401
    assert (await world.refresh(second)).status_code == 401
    assert [event.reason for event in await world.events(SessionEnded)] == ["reuse"]


async def test_an_older_token_ends_the_family_and_nothing_else(world: World) -> None:
    username, _ = await world.confirmed()
    first = (await world.sign_in(username)).json()
    other = (await world.sign_in(username)).json()
    second = (await world.refresh(first["refresh-token"])).json()
    third = (await world.refresh(second["refresh-token"])).json()
    reused = await world.refresh(first["refresh-token"])
    assert (reused.status_code, codes(reused)) == (401, ["invalid-refresh-token"])
    assert (await world.refresh(third["refresh-token"])).status_code == 401
    assert (await world.bearer(third["access-token"]).post("/v1/authenticate/", json={})).status_code == 401
    assert (await world.refresh(other["refresh-token"])).status_code == 201
    ended = await world.events(SessionEnded)
    assert [str(event.session_id) for event in ended] == [first["session-id"]]


async def test_the_absolute_lifetime_stays(world: World) -> None:
    token = (await world.signed_in())["refresh-token"]
    before = (await world.rows("SELECT expires_at FROM sessions"))[0].expires_at
    token = (await world.refresh(token)).json()["refresh-token"]
    assert (await world.rows("SELECT expires_at FROM sessions"))[0].expires_at == before
    await world.rows("UPDATE sessions SET expires_at = now() - interval '1 second'")
    answer = await world.refresh(token)
    assert (answer.status_code, codes(answer)) == (401, ["session-ended"])


async def test_a_disabled_user_gets_nothing(world: World) -> None:
    answer = await world.signed_in()
    operator = world.client.as_operator()
    await operator.post(f"/v1/users/{answer['user-id']}/disable/", json={})
    assert (await world.refresh(answer["refresh-token"])).status_code == 401
    await operator.post(f"/v1/users/{answer['user-id']}/enable/", json={})
    assert (await world.refresh(answer["refresh-token"])).status_code == 401


@pytest.mark.parametrize("token", ["", "mst_rt_", "nothing", "mst_rt_" + "A" * 43, "\x00", "🙂" * 100])
async def test_a_token_that_is_none(world: World, token: str) -> None:
    answer = await world.refresh(token)
    assert (answer.status_code, codes(answer)) == (401, ["invalid-refresh-token"])


async def test_too_long_a_token(world: World) -> None:
    assert (await world.refresh("x" * 2049)).status_code == 400


async def test_tokens_are_stored_hashed(world: World) -> None:
    token = (await world.signed_in())["refresh-token"]
    dump = str(await world.rows("SELECT r::text FROM refresh_tokens r"))
    assert token not in dump
    assert token.removeprefix("mst_rt_").encode().hex() not in dump


async def test_one_of_sixteen_rotates(live_world: World) -> None:
    signed_in = await live_world.signed_in()
    answers = await race(lambda _: live_world.refresh(signed_in["refresh-token"]))
    won = [answer for answer in answers if answer.status_code == 201]
    assert len(won) == 6
    assert {answer.status_code for answer in answers} == {201, 401}
    assert len({answer.json()["refresh-token"] for answer in won}) == 1
    made = await live_world.rows(
        "SELECT count(*) AS n FROM refresh_tokens WHERE session_id = CAST(:id AS uuid)", id=signed_in["session-id"]
    )
    assert made[0].n == 2
    assert (await live_world.refresh(won[0].json()["refresh-token"])).status_code == 201


@pytest.mark.parametrize("seed", range(6))
async def test_any_sequence_of_uses_follows_the_rules(world: World, seed: int) -> None:
    """Against a model: a chain of tokens, of which the last is fresh and the one before it may be replayed."""
    choose = random.Random(seed)
    chain, replays, alive = [(await world.signed_in())["refresh-token"]], 0, True
    for _ in range(15):
        at = choose.choice([len(chain) - 1] * 4 + [max(0, len(chain) - 2)] * 3 + [choose.randrange(len(chain))])
        answer = await world.refresh(chain[at])
        if at == len(chain) - 1:
            expected, replays = alive, 0 if alive else replays
            if alive:
                chain.append(answer.json()["refresh-token"])
        elif at == len(chain) - 2:
            expected, replays = alive and replays < 5, replays + 1
        else:
            expected = alive = False
        assert (answer.status_code == 201) == expected
