import hashlib
from typing import Any

import msgspec
import pytest
from identity.parts import parts_of
from identity_world import SERVICE_SECRET, World, codes, new, pointers


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


@pytest.mark.parametrize(
    ("path", "body"),
    [
        pytest.param("/v1/internal-auth/", asked(secret="wrong"), id="v1, by a wrong secret"),
        pytest.param("/v1/internal-auth/", asked(), id="v1, by the right one"),
        pytest.param("/v2/internal-auth/", new("internal-auths", {"token": "x"}), id="v2"),
    ],
)
async def test_who_asks_too_often(
    world: World, monkeypatch: pytest.MonkeyPatch, path: str, body: dict[str, Any]
) -> None:
    parts = parts_of(world.runtime)
    monkeypatch.setattr(parts, "settings", msgspec.structs.replace(parts.settings, throttle_scale=0.01))
    answers = [await world.post(path, body) for _ in range(3)]
    assert [answer.status_code == 429 for answer in answers] == [False, False, True]
    assert codes(answers[2]) == ["too-many-requests"]
    assert 1 <= int(answers[2].headers["retry-after"]) <= 10
