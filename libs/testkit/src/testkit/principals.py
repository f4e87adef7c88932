"""Tokens for tests, signed with a key of the tests' own, and a verifier that knows it."""

import time
from collections.abc import Iterable
from functools import cache
from typing import Any
from uuid import UUID, uuid4

from chassis.tokens import Verifier
from joserfc import jwt
from joserfc.jwk import ECKey

ISSUER = "http://muster.test"
KEY_ID = "test-key"


@cache
def signing_key() -> ECKey:
    """The key that every test token is signed with."""
    return ECKey.generate_key("P-256", parameters={"kid": KEY_ID, "use": "sig", "alg": "ES256"})


def verifier() -> Verifier:
    """Verifies the tokens of `access_token` and `service_token`."""

    async def keys() -> dict[str, Any]:
        return {"keys": [signing_key().as_dict(private=False)]}

    return Verifier(ISSUER, keys)


def access_token(
    *,
    user_id: UUID | None = None,
    organization_id: UUID | None = None,
    roles: Iterable[str] = (),
    session_id: UUID | None = None,
    lifetime: float = 600,
    **claims: Any,
) -> str:
    """A person's access token, of somebody who has just signed in. `claims` add to the usual ones or replace them."""
    present = time.time()
    content = {
        "iss": ISSUER,
        "aud": "muster",
        "sub": str(user_id or uuid4()),
        "sid": str(session_id or uuid4()),
        "client_id": "muster",
        "roles": list(roles),
        "auth_time": int(present),
        "acr": "aal2",
        "amr": ["pwd", "otp", "mfa"],
        "iat": present,
        "nbf": present,
        "exp": present + lifetime,
        "jti": str(uuid4()),
    }
    if organization_id:
        content["org"] = str(organization_id)
    return jwt.encode({"alg": "ES256", "kid": KEY_ID, "typ": "at+jwt"}, content | claims, signing_key())


def service_token(name: str) -> str:
    """A service's internal token."""
    present = time.time()
    content = {
        "iss": ISSUER,
        "aud": "muster-internal",
        "sub": f"service:{name}",
        "iat": present,
        "nbf": present,
        "exp": present + 600,
        "jti": str(uuid4()),
    }
    return jwt.encode({"alg": "ES256", "kid": KEY_ID, "typ": "mst-int+jwt"}, content, signing_key())


def key_token(
    *, organization_id: UUID, scopes: Iterable[str] = (), user_id: UUID | None = None, roles: Iterable[str] = ()
) -> str:
    """What the gateway makes of an API key: an internal token with scopes, of a user or of nobody."""
    present = time.time()
    content = {
        "iss": ISSUER,
        "aud": "muster-internal",
        "sub": str(user_id) if user_id else f"key:{uuid4()}",
        "org": str(organization_id),
        "scope": " ".join(scopes),
        "roles": list(roles),
        "key": str(uuid4()),
        "iat": present,
        "exp": present + 60,
        "jti": str(uuid4()),
    }
    return jwt.encode({"alg": "ES256", "kid": KEY_ID, "typ": "mst-int+jwt"}, content, signing_key())
