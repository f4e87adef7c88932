from uuid import uuid4

from contracts.identity import SessionEnded
from identity_world import World
from testkit.races import race


async def test_a_person_lists_their_devices(world: World) -> None:
    username, _ = await world.confirmed()
    first = (await world.sign_in(username, headers={"user-agent": "Browser/1"})).json()
    second = (await world.sign_in(username, interactive=False)).json()
    me = world.bearer(second["access-token"])
    listed = (await me.get("/v1/sessions/")).json()
    assert [row["id"] for row in listed["data"]] == [second["session-id"], first["session-id"]]
    assert [row["attributes"]["current"] for row in listed["data"]] == [True, False]
    assert [row["attributes"]["device"] for row in listed["data"]][1] == "Browser/1"
    assert [row["attributes"]["interactive"] for row in listed["data"]] == [False, True]
    page = (await me.get("/v1/sessions/", params={"page[limit]": 1, "page[offset]": 1})).json()
    assert page["meta"] == {"page[limit]": 1, "page[offset]": 1, "page[total]": 2}
    assert [row["id"] for row in page["data"]] == [first["session-id"]]


async def test_reading_with_who_is_signed_in(world: World) -> None:
    tokens = await world.signed_in()
    me = world.bearer(tokens["access-token"])
    plain = (await me.get(f"/v1/sessions/{tokens['session-id']}/")).json()["data"]["attributes"]
    assert "login-info" not in plain
    shown = (await me.get(f"/v1/sessions/{tokens['session-id']}/", params={"include-login-info": "true"})).json()
    info = shown["data"]["attributes"]["login-info"]
    assert (info["user-id"], info["username"]) == (tokens["user-id"], tokens["username"])
    assert "access-token" not in info


async def test_ending_a_device(world: World) -> None:
    username, _ = await world.confirmed()
    lost = (await world.sign_in(username)).json()
    mine = (await world.sign_in(username)).json()
    me = world.bearer(mine["access-token"])
    assert (await me.delete(f"/v1/sessions/{lost['session-id']}/")).status_code == 204
    assert (await me.delete(f"/v1/sessions/{lost['session-id']}/")).status_code == 404
    assert (await world.refresh(lost["refresh-token"])).status_code == 401
    assert (await world.refresh(mine["refresh-token"])).status_code == 201
    ended = (await world.events(SessionEnded))[-1]
    assert (str(ended.session_id), ended.reason) == (lost["session-id"], "revoked")


async def test_others_sessions_are_not_there(world: World) -> None:
    tokens = await world.signed_in()
    stranger = world.client.as_()
    path = f"/v1/sessions/{tokens['session-id']}/"
    assert (await stranger.get(path)).status_code == 404
    assert (await stranger.delete(path)).status_code == 404
    assert (await stranger.get(f"/v1/sessions/{uuid4()}/")).status_code == 404
    assert (await stranger.get("/v1/sessions/not-an-id/")).status_code == 404
    params = {"filter[user-id]": tokens["user-id"]}
    assert (await stranger.get("/v1/sessions/", params=params)).status_code == 403
    support = world.client.as_(roles=("system.support",))
    assert len((await support.get("/v1/sessions/", params=params)).json()["data"]) == 1
    assert (await support.get(path)).status_code == 200


async def test_signing_out_twice(world: World) -> None:
    tokens = await world.signed_in()
    me = world.bearer(tokens["access-token"])
    for _ in range(2):
        assert (await me.post("/v1/logout/", json={})).status_code == 201
    assert [event.reason for event in await world.events(SessionEnded)] == ["signed-out"]
    assert (await me.get("/v1/sessions/")).json()["data"] == []


async def test_sixteen_ends_are_one(live_world: World) -> None:
    tokens = await live_world.signed_in()
    me = live_world.bearer(tokens["access-token"])
    answers = await race(lambda _: me.delete(f"/v1/sessions/{tokens['session-id']}/"))
    assert sorted(answer.status_code for answer in answers) == [204, *[404] * 15]
