"""`/.well-known/`: the keys, and what this OpenID Provider can do."""

from typing import Any

from chassis.arguments import Process
from contracts.permissions import PUBLIC
from jsonapi import get
from litestar import Response

from identity.parts import parts_of
from identity.signing_keys.keyring import ALGORITHM

CLAIMS = ["iss", "sub", "aud", "exp", "iat", "nbf", "jti", "sid", "org", "email", "email_verified", "name"]
PROFILE = ["given_name", "family_name", "preferred_username", "locale", "zoneinfo"]
KEYS_FRESH = {"cache-control": "public, max-age=300"}


@get("/.well-known/jwks.json", operation_id="readKeys", permission=PUBLIC)
async def read_keys(runtime: Process) -> Response[dict[str, Any]]:
    """The keys that tokens are verified with, the next one included (RFC 7517)."""
    return Response(parts_of(runtime).keys.published, headers=KEYS_FRESH)


@get("/.well-known/openid-configuration", operation_id="readDiscovery", permission=PUBLIC)
async def read_discovery(runtime: Process) -> Response[dict[str, Any]]:
    """What works here (OpenID Connect Discovery 1.0, section 3): id tokens are issued by `/v1/login/`, no grant yet."""
    issuer = runtime.common.public_url
    found = {
        "issuer": issuer,
        "jwks_uri": f"{issuer}/.well-known/jwks.json",
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": [ALGORITHM],
        "response_types_supported": [],
        "grant_types_supported": [],
        "claims_supported": [*CLAIMS, *PROFILE],
    }
    return Response(found, headers=KEYS_FRESH)


ROUTES = [read_keys, read_discovery]
