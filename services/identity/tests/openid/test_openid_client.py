"""The certified openid-client for Node.js does every grant against the provider behind a real socket."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import msgspec
import pytest
from directories import served
from identity.parts import parts_of
from identity_world import PASSWORD, Json, World
from joserfc.jwk import ECKey
from openid_world import DEVICE, admin_of, registered
from testkit import node

FOLDER = Path(__file__).parent.parent / "openid_client"
CALLBACK, AFTER = "https://app.example/callback", "https://app.example/bye"
ORGANIZED = "openid profile email offline_access"


@pytest.fixture
async def account(live_world: World) -> tuple[str, UUID]:
    """Somebody of the organization."""
    return await live_world.confirmed()


@pytest.fixture
async def address(live_world: World, account: tuple[str, UUID]) -> AsyncIterator[str]:
    """The provider's address, under which it also speaks of itself as long as the test runs."""
    _ = account  # signs up before the provider is called otherwise
    runtime, parts = live_world.runtime, parts_of(live_world.runtime)
    before = runtime.settings, parts.settings, runtime.verifier.issuer
    async with served(live_world.client.app) as url:
        runtime.settings = parts.settings = msgspec.structs.replace(before[0], public_url=url)
        runtime.verifier.issuer = url
        yield url
        runtime.settings, parts.settings, runtime.verifier.issuer = before


@pytest.fixture
async def applications(live_world: World) -> Json:
    """A client for each way to authenticate."""
    key = ECKey.generate_key("P-256", parameters={"kid": "mine"})
    admin = await admin_of(live_world, live_world.orgs.organization_id)
    code = ["authorization_code", "refresh_token"]
    wanted: dict[str, Json] = {
        "basic": {"post_logout_redirect_uris": [AFTER]},
        "post": {"token_endpoint_auth_method": "client_secret_post"},
        "jwt": {
            "token_endpoint_auth_method": "private_key_jwt",
            "jwks": {"keys": [key.as_dict(private=False)]},
            "grant_types": [*code, "client_credentials"],
            "scopes": [*ORGANIZED.split(), "cohort:read"],
        },
        "native": {
            "application_type": "native",
            "token_endpoint_auth_method": "none",
            "redirect_uris": ["http://127.0.0.1/callback"],
        },
        "device": {
            "token_endpoint_auth_method": "none",
            "redirect_uris": [],
            "grant_types": [DEVICE, "refresh_token"],
        },
    }
    made = {name: await registered(live_world, admin, **fields) for name, fields in wanted.items()}
    known: Json = {name: {"client_id": app.client_id, "secret": app.secret} for name, app in made.items()}
    known["jwt"]["jwk"] = {**key.as_dict(private=True), "key_ops": ["sign"]}
    return known


async def test_every_grant(account: tuple[str, UUID], applications: Json, address: str) -> None:
    username, user_id = account
    given = {
        "server": address,
        "apps": applications,
        "person": {"username": username, "password": PASSWORD},
        "scope": ORGANIZED,
        "redirect_uri": CALLBACK,
        "post_logout_redirect_uri": AFTER,
    }
    done = await asyncio.to_thread(node.run, FOLDER, "client.mjs", input=json.dumps(given))
    assert done.returncode == 0, done.stderr[-4000:]
    found = json.loads(done.stdout)
    told, known = found.pop("claims"), found.pop("userinfo")
    assert (told["iss"], told["sub"], told["acr"]) == (address, str(user_id), "aal1")
    assert (known["sub"], known["email"]) == (str(user_id), username)
    assert found == {
        "silent": "login_required",
        "active": True,
        "renewed": True,
        "revoked": [False, "invalid_grant"],
        "aged": True,
        "pushed": "string",
        "swapped": "invalid_grant",
        "twice": "invalid_grant",
        "post": "string",
        "jwt": "string",
        "machine": "cohort:read",
        "native": "string",
        "interval": 5,
        "device": True,
        "ended": f"{AFTER}?state=bye",
        "afterwards": "login_required",
    }
