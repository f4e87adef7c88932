"""A projected token of a Kubernetes service account, against an issuer that the test plays."""

import base64
import hmac
import time
from collections.abc import AsyncIterator
from functools import cache
from typing import Any

import msgspec
import pytest
from aiohttp import web
from chassis.clients import InternalTokens
from identity.internal_auth.kubernetes import NAME
from identity_world import World, new
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey
from testkit import principals
from testkit.servers import free_port

ISSUER = "https://kubernetes.default.svc.cluster.local"


@cache
def rsa(name: str, number: int = 0) -> RSAKey:
    """A key pair, made once: it takes a while."""
    assert number >= 0
    return RSAKey.generate_key(2048, parameters={"kid": name})


class Cluster:
    """The issuer: its keys, and how often they were asked for."""

    def __init__(self) -> None:
        self.keys = {"one": rsa("one")}
        self.asked: list[str | None] = []
        self.url = ""

    async def jwks(self, request: web.Request) -> web.Response:
        self.asked.append(request.headers.get("authorization"))
        return web.json_response({"keys": [key.as_dict(private=False) for key in self.keys.values()]})

    def token(self, key: str = "one", header: dict[str, Any] | None = None, **claims: Any) -> str:
        present = int(time.time())
        content = {
            "iss": ISSUER,
            "aud": ["muster"],
            "sub": "system:serviceaccount:platform:notifications",
            "iat": present,
            "nbf": present,
            "exp": present + 3607,
            "kubernetes.io": {"namespace": "platform", "pod": {"name": "notifications-0", "uid": "x"}},
        }
        chosen = {"alg": "RS256", "kid": key, **(header or {})}
        signing: Any = self.keys.get(key) or next(iter(self.keys.values()))
        return jwt.encode(chosen, content | claims, signing, algorithms=["RS256", "ES256", "HS256"])


@pytest.fixture
async def cluster(world: World, tmp_path) -> AsyncIterator[Cluster]:
    made, application = Cluster(), web.Application()
    application.router.add_get("/openid/v1/jwks", made.jwks)
    runner = web.AppRunner(application)
    await runner.setup()
    port = free_port()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    made.url = f"http://127.0.0.1:{port}/openid/v1/jwks"
    (tmp_path / "token").write_text("our own token\n")
    before = world.runtime.settings
    world.runtime.settings = msgspec.structs.replace(
        before,
        kubernetes_issuer=ISSUER,
        kubernetes_jwks_url=made.url,
        kubernetes_services='{"platform:notifications": "notifications"}',
        kubernetes_token_path=str(tmp_path / "token"),
    )
    world.runtime.extras.pop(NAME, None)
    yield made
    world.runtime.settings = before
    await runner.cleanup()


def asked(token: str) -> dict[str, Any]:
    return new("internal-auths", {"token": token})


async def test_a_pods_token_is_exchanged(world: World, cluster: Cluster) -> None:
    for _ in range(2):
        answer = await world.post("/v2/internal-auth/", asked(cluster.token()))
        assert answer.status_code == 201, answer.text
    token = answer.json()["data"]["attributes"]["access-token"]
    assert (await world.runtime.verifier.verify(token)).service == "notifications"
    assert (await world.bearer(token).get("/v1/users/")).status_code == 200
    assert cluster.asked == ["Bearer our own token"], "the keys are kept, and asked for with the pod's own token"


async def test_a_key_that_the_issuer_has_just_taken_is_found(world: World, cluster: Cluster) -> None:
    await world.post("/v2/internal-auth/", asked(cluster.token()))
    cluster.keys["two"] = rsa("two")
    answer = await world.post("/v2/internal-auth/", asked(cluster.token("two")))
    assert (answer.status_code, len(cluster.asked)) == (401, 1), "not within a few seconds of the last question"
    world.runtime.extras[NAME].fetched -= 10
    assert (await world.post("/v2/internal-auth/", asked(cluster.token("two")))).status_code == 201


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "https://elsewhere"},
        {"aud": ["https://kubernetes.default.svc"]},
        {"aud": None},
        {"sub": "system:serviceaccount:platform:stranger"},
        {"sub": "system:serviceaccount:other:notifications"},
        {"sub": "notifications"},
        {"exp": 1},
        {"exp": "soon"},
        {"exp": 4_000_000_000},
        {"iat": 4_000_000_000, "exp": 4_000_000_600},
        {"kubernetes.io": {"namespace": "platform"}},
    ],
)
async def test_who_does_not_count(world: World, cluster: Cluster, claims: dict[str, Any]) -> None:
    answer = await world.post("/v2/internal-auth/", asked(cluster.token(**claims)))
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (401, "invalid-service")


def coded(part: dict[str, str] | bytes) -> str:
    raw = part if isinstance(part, bytes) else msgspec.json.encode(part)
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


async def test_tokens_that_nobody_of_the_cluster_signed(world: World, cluster: Cluster) -> None:
    good = cluster.token()
    head, body, _ = good.split(".")
    stranger = Cluster()
    stranger.keys["one"] = rsa("one", 1)
    signed = f"{coded({'alg': 'HS256', 'kid': 'one'})}.{body}"
    secret = cluster.keys["one"].as_pem(private=False)
    confused = f"{signed}.{coded(hmac.digest(secret, signed.encode(), 'sha256'))}"
    elliptic = jwt.encode({"alg": "ES256", "kid": "one"}, {"iss": ISSUER}, ECKey.generate_key("P-256"))
    for token in (stranger.token(), f"{head}.{body}.", f"{head}.{body}", "garbage", confused, elliptic):
        assert (await world.post("/v2/internal-auth/", asked(token))).status_code == 401, token
    assert (await world.post("/v2/internal-auth/", asked("x" * 8193))).status_code == 400
    own = principals.service_token("orgs")
    assert (await world.post("/v2/internal-auth/", asked(own))).status_code == 401


async def test_while_the_issuer_does_not_answer(world: World, cluster: Cluster) -> None:
    away = msgspec.structs.replace(world.runtime.settings, kubernetes_jwks_url=f"http://127.0.0.1:{free_port()}/")
    world.runtime.settings = away
    assert (await world.post("/v2/internal-auth/", asked(cluster.token()))).status_code == 503
    world.runtime.settings = msgspec.structs.replace(away, kubernetes_issuer="")
    assert (await world.post("/v2/internal-auth/", asked(cluster.token()))).status_code == 401


async def test_a_service_gets_its_own_token_so(world: World, cluster: Cluster, tmp_path) -> None:
    served = web.Application()

    async def pass_on(request: web.Request) -> web.Response:
        answer = await world.client.post(request.path, content=await request.read())
        return web.Response(body=answer.content, status=answer.status_code, content_type="application/json")

    served.router.add_post("/v2/internal-auth", pass_on)
    runner = web.AppRunner(served)
    await runner.setup()
    port = free_port()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    (tmp_path / "projected").write_text(cluster.token())
    own = {"identity_url": f"http://127.0.0.1:{port}", "service_token_path": str(tmp_path / "projected")}
    world.runtime.settings = msgspec.structs.replace(world.runtime.settings, **own)
    token = await InternalTokens(world.runtime).get()
    assert (await world.runtime.verifier.verify(token)).service == "notifications"
    await runner.cleanup()
