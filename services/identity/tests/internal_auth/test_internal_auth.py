import hashlib

import pytest
from identity_world import SERVICE_SECRET, World, pointers


def asked(name: str = "notifications", secret: str = SERVICE_SECRET) -> dict[str, str]:
    return {"namespace": "muster", "sa-name": name, "sa-token-sha512": hashlib.sha512(secret.encode()).hexdigest()}


async def test_a_service_gets_a_token(world: World) -> None:
    answer = await world.post("/v1/internal-auth/", asked() | {"self-token-name": "x", "self-token-hash": "y"})
    body = answer.json()
    assert (answer.status_code, body["token-type"], body["username"]) == (201, "Bearer", "notifications")
    assert body["expires-in"] == 900
    principal = await world.runtime.verifier.verify(body["access-token"])
    assert (principal.service, principal.user_id) == ("notifications", None)
    assert (await world.bearer(body["access-token"]).get("/v1/users/")).status_code == 200


@pytest.mark.parametrize("body", [asked("nobody"), asked(secret="wrong"), asked() | {"sa-token-sha512": ""}])
async def test_who_does_not_prove_it(world: World, body: dict[str, str]) -> None:
    answer = await world.post("/v1/internal-auth/", body)
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (401, "invalid-service")


async def test_what_is_wrong_is_named(world: World) -> None:
    answer = await world.post("/v1/internal-auth/", {"sa-name": "x" * 513, "self-token-hash": "No!"})
    assert answer.status_code == 400
    assert set(pointers(answer)) == {"/namespace", "/sa-name", "/sa-token-sha512", "/self-token-hash"}
