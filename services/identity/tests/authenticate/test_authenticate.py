import pytest
from identity_world import World
from joserfc import jwt
from joserfc.jwk import KeySet


async def test_who_is_this(world: World) -> None:
    tokens = await world.signed_in()
    answer = await world.bearer(tokens["access-token"]).post("/v1/authenticate/", json={})
    data = answer.json()["data"]
    assert answer.status_code == 201
    assert (data["user-id"], data["session-id"]) == (tokens["user-id"], tokens["session-id"])
    assert (data["email"], data["organization-id"]) == (tokens["email"], tokens["organization-id"])
    assert "internal-token" not in data
    assert "x-muster-principal" not in answer.headers


async def test_the_edge_gets_an_internal_token(world: World) -> None:
    tokens = await world.signed_in()
    me = world.bearer(tokens["access-token"])
    answer = await me.post("/v1/authenticate/", json={"edge-request": True})
    internal = answer.headers["x-muster-principal"]
    assert answer.json()["data"]["internal-token"] == internal
    keys = KeySet.import_key_set((await world.client.get("/.well-known/jwks.json")).json())
    decoded = jwt.decode(internal, keys, algorithms=["ES256"])
    assert (decoded.header["typ"], decoded.claims["aud"]) == ("mst-int+jwt", "muster-internal")
    assert decoded.claims["exp"] - decoded.claims["iat"] == pytest.approx(60)
    principal = await world.runtime.verifier.verify(internal)
    assert str(principal.user_id) == tokens["user-id"]


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
async def test_the_gateways_question(world: World, method: str) -> None:
    tokens = await world.signed_in()
    me = world.bearer(tokens["access-token"])
    path = "/v1/authenticate/v1/users/?filter[email]=a%40b"
    answer = await me.request(method, path)
    assert answer.status_code == 200
    assert answer.headers["x-muster-principal"]
    assert (await world.client.request(method, path, headers={"x-api-key": "none"})).status_code == 401


async def test_nobody(world: World) -> None:
    for headers in ({}, {"authorization": "Bearer x"}, {"authorization": "Basic eDp5"}, {"x-api-key": "k"}):
        answer = await world.client.post("/v1/authenticate/", json={}, headers=headers)
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"].startswith("Bearer")


async def test_by_the_rows_at_this_moment(world: World) -> None:
    tokens = await world.signed_in()
    me = world.bearer(tokens["access-token"])
    await world.rows("UPDATE sessions SET ended_at = now()")
    assert (await me.post("/v1/authenticate/", json={})).status_code == 401
    await world.rows("UPDATE sessions SET ended_at = NULL")
    assert (await me.post("/v1/authenticate/", json={})).status_code == 201
    await world.rows("UPDATE users SET state = 'archived'")
    assert (await me.post("/v1/authenticate/", json={})).status_code == 401
    await world.rows("UPDATE users SET state = 'confirmed', tokens_outdated_at = clock_timestamp()")
    assert (await me.post("/v1/authenticate/", json={})).json()["errors"][0]["code"] == "token-outdated"
    again = (await world.refresh(tokens["refresh-token"])).json()["access-token"]
    assert (await world.bearer(again).post("/v1/authenticate/", json={})).status_code == 201


async def test_a_service(world: World) -> None:
    answer = await world.client.as_service("orgs").post("/v1/authenticate/", json={})
    assert (answer.status_code, answer.json()["data"]["user-id"]) == (201, None)


async def test_a_session_of_somebody_else(world: World) -> None:
    tokens = await world.signed_in()
    forged = world.client.as_(session_id=tokens["session-id"])
    assert (await forged.post("/v1/authenticate/", json={})).status_code == 401
