"""How clients show who they are, and what is refused."""

import time
from typing import Any
from uuid import uuid4

import httpx
import pytest
from authlib.oauth2.rfc7523 import PrivateKeyJWT
from identity_world import World
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey, RSAKey
from openid_servers import serving
from openid_world import SETTINGS_PATH, App, authlib, coded, exchange, person, redeem, registered

ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
MACHINE = {"grant_types": ["client_credentials"], "scopes": ["cohort:read"], "redirect_uris": []}
TOKEN = "http://muster.test/oauth2/token"


def public(*keys: Any) -> dict[str, Any]:
    return {"keys": [key.as_dict(private=False) for key in keys]}


def new_key(**parameters: Any) -> ECKey:
    return ECKey.generate_key("P-256", parameters={"kid": str(uuid4()), **parameters})


def assertion(app: App, key: Any, alg: str = "ES256", **changed: Any) -> str:
    present = int(time.time())
    standing = {"iss": app.client_id, "sub": app.client_id, "aud": TOKEN, "exp": present + 60, "jti": str(uuid4())}
    said = {name: value for name, value in (standing | changed).items() if value is not None}
    return jwt.encode({"alg": alg, "kid": key.kid}, said, key, algorithms=[alg])


async def shown(world: World, token: str, **form: Any) -> httpx.Response:
    body = {"grant_type": "client_credentials", "client_assertion_type": ASSERTION, "client_assertion": token, **form}
    return await world.client.post("/oauth2/token", data=body)


async def with_keys(world: World, *keys: Any, **fields: Any) -> App:
    given = {"token_endpoint_auth_method": "private_key_jwt", "jwks": public(*keys)} | MACHINE | fields
    return await registered(world, **given)


async def test_secrets_are_sent_as_registered(world: World) -> None:
    app = await registered(world, **MACHINE)
    posted = {"grant_type": "client_credentials", "client_id": app.client_id, "client_secret": app.secret}
    assert (await world.client.post("/oauth2/token", data=posted)).status_code == 401
    assert (await exchange(world, app, grant_type="client_credentials")).status_code == 200
    other = await registered(world, app.admin, **MACHINE, token_endpoint_auth_method="client_secret_post")
    mine = posted | {"client_id": other.client_id, "client_secret": other.secret}
    assert (await world.client.post("/oauth2/token", data=mine)).status_code == 200
    assert (await exchange(world, other, grant_type="client_credentials")).status_code == 401
    async with authlib(world, other, token_endpoint_auth_method="client_secret_post", scope=None) as client:
        assert "access_token" in await client.fetch_token(TOKEN, grant_type="client_credentials")


@pytest.mark.parametrize("auth", [("nobody", "x"), (None, "wrong"), (None, ""), ("a:b", "c")], ids=range(4))
async def test_wrong_secrets(world: World, auth: tuple[str | None, str]) -> None:
    app = await registered(world, **MACHINE)
    answer = await exchange(world, app, (auth[0] or app.client_id, auth[1]), grant_type="client_credentials")
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
    assert answer.headers["www-authenticate"].startswith("Basic")


@pytest.mark.parametrize("header", ["Basic !!!", "Basic", "Basic gA==", "Bearer x", "Basic Og=="], ids=range(5))
async def test_headers_that_cannot_be_read(world: World, header: str) -> None:
    form = {"grant_type": "client_credentials"}
    answer = await world.client.post("/oauth2/token", data=form, headers={"authorization": header})
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


async def test_one_credential_at_a_time(world: World) -> None:
    app = await registered(world, **MACHINE)
    other = await registered(world, app.admin, **MACHINE)
    two = await exchange(world, app, grant_type="client_credentials", client_secret=app.secret)
    assert two.json()["error"] == "invalid_request"
    another = await exchange(world, app, grant_type="client_credentials", client_id=other.client_id)
    assert another.json()["error"] == "invalid_request"
    public_ = await world.client.post("/oauth2/token", data={"grant_type": "refresh_token", "client_id": app.client_id})
    assert public_.json()["error"] == "invalid_client"


async def test_a_secret_that_was_replaced_in_the_middle(world: World) -> None:
    app, browser = await registered(world), await person(world)
    code = await coded(world, app, browser)
    reset = await app.admin.post(f"{SETTINGS_PATH}{app.id}/reset-secret/", json={})
    assert reset.status_code == 201
    old = await redeem(world, app, code)
    assert (old.status_code, old.json()["error"]) == (401, "invalid_client")
    assert "replaced" in old.json()["error_description"]
    renewed = app._replace(secret=reset.json()["data"]["attributes"]["secret"])
    assert (await redeem(world, renewed, code)).status_code == 200


async def test_both_secrets_count_for_a_while(world: World) -> None:
    app = await registered(world, **MACHINE)
    reset = await app.admin.post(f"{SETTINGS_PATH}{app.id}/reset-secret/", json={"overlap-seconds": 600})
    shown_ = reset.json()["data"]["attributes"]
    assert shown_["previous-secret-expiration-time"] > shown_["secret-set-time"]
    for secret in (app.secret, shown_["secret"]):
        answer = await exchange(world, app, (app.client_id, str(secret)), grant_type="client_credentials")
        assert answer.status_code == 200
    await world.rows("UPDATE oauth2_clients SET previous_secret_until = now() - interval '1 second'")
    assert "replaced" in (await exchange(world, app, grant_type="client_credentials")).json()["error_description"]


async def test_assertions_with_authlibs_client(world: World) -> None:
    key = new_key()
    app = await with_keys(world, key)
    async with authlib(
        world, app, client_secret=key, token_endpoint_auth_method=PrivateKeyJWT(TOKEN, alg="ES256"), scope=None
    ) as client:
        got = await client.fetch_token(TOKEN, grant_type="client_credentials")
    assert got["scope"] == "cohort:read"
    for audience in ("http://muster.test", ["http://muster.test", "x"], TOKEN):
        assert (await shown(world, assertion(app, key, aud=audience))).status_code == 200


async def test_an_assertion_counts_once(world: World) -> None:
    key = new_key()
    app = await with_keys(world, key)
    token = assertion(app, key)
    assert (await shown(world, token)).status_code == 200
    assert (await shown(world, token)).status_code == 401


@pytest.mark.parametrize(
    "changed",
    [
        {"aud": "https://elsewhere.example"},
        {"iss": "somebody"},
        {"sub": "somebody"},
        {"sub": None},
        {"exp": 1},
        {"exp": None},
        {"exp": int(time.time()) + 10**6},
        {"jti": None},
        {"jti": "x" * 300},
        {"jti": 7},
    ],
    ids=range(10),
)
async def test_assertions_that_do_not_count(world: World, changed: dict[str, Any]) -> None:
    key = new_key()
    answer = await shown(world, assertion(await with_keys(world, key), key, **changed))
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


async def test_assertions_signed_with_something_else(world: World) -> None:
    key = new_key()
    app = await with_keys(world, key)
    text = public(key)["keys"][0]["x"]
    oct_key = OctKey.import_key({"kty": "oct", "k": text, "kid": str(key.kid)})
    for other, alg in ((new_key(), "ES256"), (new_key(kid=key.kid), "ES256"), (oct_key, "HS256")):
        assert (await shown(world, assertion(app, other, alg))).status_code == 401
    unsigned = ".".join([*assertion(app, key).split(".")[:2], ""])
    assert (await shown(world, unsigned)).status_code == 401
    for garbage in ("x", "e30.e30.e30", "..", "W10.W10.W10"):
        assert (await shown(world, garbage)).json()["error"] == "invalid_client"
    secret = await registered(world, app.admin, **MACHINE)
    assert (await shown(world, assertion(secret, key))).status_code == 401


async def test_keys_at_the_clients_own_address(world: World) -> None:
    first, second = new_key(), RSAKey.generate_key(2048, parameters={"kid": "rsa"})
    async with serving(world) as server:
        server.keys = public(first)
        app = await with_keys(world, jwks=None, jwks_uri=f"{server.url}/keys")
        for _ in range(2):
            assert (await shown(world, assertion(app, first))).status_code == 200
        assert server.asked == 1
        server.keys = public(second)
        world.runtime.extras["client-keys"].clear()
        assert (await shown(world, assertion(app, second, "RS256"))).status_code == 200
        assert (await shown(world, assertion(app, first))).status_code == 401
        away = await with_keys(world, admin=app.admin, jwks=None, jwks_uri=f"{server.url}/away")
        for _ in range(3):
            assert (await shown(world, assertion(away, second, "RS256"))).status_code == 401
        assert server.led_away == 1
    for inside in (
        "http://127.0.0.1/keys",
        "https://10.0.0.1/k",
        "https://[::1]/k",
        "https://169.254.169.254/k",
        "file:///k",
    ):
        body = {"name": "x", "organization-id": str(app.organization_id), "jwks-uri": inside}
        kept = {"token-endpoint-auth-method": "private_key_jwt", "redirect-uris": ["https://app.example/cb"]}
        answer = await app.admin.post(
            SETTINGS_PATH, json={"data": {"type": "oauth2-client-settings", "attributes": body | kept}}
        )
        assert (answer.status_code, answer.json()["errors"][0]["source"]["pointer"]) == (
            400,
            "/data/attributes/jwks-uri",
        ), inside
    world.runtime.extras["client-keys"].clear()
    assert (await shown(world, assertion(app, second, "RS256"))).json()["error"] == "invalid_client"
