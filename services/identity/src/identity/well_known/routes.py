"""`/.well-known/`: the keys, and what this OpenID Provider can do."""

from typing import Any

from chassis.arguments import Process
from contracts.permissions import PUBLIC
from jsonapi import get
from litestar import Response

from identity.openid import discovery
from identity.parts import parts_of

KEYS_FRESH = {"cache-control": "public, max-age=300"}


@get("/.well-known/jwks.json", operation_id="readKeys", permission=PUBLIC)
async def read_keys(runtime: Process) -> Response[dict[str, Any]]:
    """The keys that tokens are verified with, the next one included (RFC 7517)."""
    return Response(parts_of(runtime).keys.published, headers=KEYS_FRESH)


@get("/.well-known/openid-configuration", operation_id="readDiscovery", permission=PUBLIC)
async def read_discovery(runtime: Process) -> Response[dict[str, Any]]:
    """Where everything is and what works here (OpenID Connect Discovery 1.0, section 3; RFC 8414)."""
    return Response(discovery.document(runtime.common.public_url), headers=KEYS_FRESH)


ROUTES = [read_keys, read_discovery]
