"""Verifying tokens (RFC 9068 for access tokens; SECURITY: token classes by `typ`).

The key set comes from identity, is fetched again when a token names a key that is not in it, and verified tokens are
kept by hash until they expire.
"""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import structlog
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from kernel import Unauthorized, Unavailable

from chassis.principal import Principal

ALGORITHMS = ["ES256", "RS256", "Ed25519"]
AUDIENCE = {"at+jwt": "muster", "mst-int+jwt": "muster-internal"}
LEEWAY = 30
REFETCH_AFTER = 2.0
REFRESH_AFTER = 300.0
CACHED_TOKENS = 20_000

FetchKeys = Callable[[], Awaitable[dict[str, Any]]]

log = structlog.get_logger("chassis.tokens")


class Verifier:
    """Turns a token into a Principal."""

    def __init__(self, issuer: str, fetch: FetchKeys) -> None:
        """`fetch` answers a JSON Web Key Set (RFC 7517)."""
        self.issuer = issuer
        self._fetch = fetch
        self._keys: KeySet | None = None
        self._known: frozenset[str] = frozenset()
        self._fetched = float("-inf")
        self._lock = asyncio.Lock()
        self._verified: OrderedDict[str, tuple[float, Principal]] = OrderedDict()

    @property
    def ready(self) -> bool:
        """Whether there are keys to verify with."""
        return self._keys is not None

    async def refresh(self) -> None:
        """Fetch the key set. Raises Unavailable when identity does not answer."""
        try:
            found = await self._fetch()
        except Exception as error:
            log.warning("keys not fetched", error=str(error))
            raise Unavailable("The signing keys are out of reach.") from error
        self._keys = KeySet.import_key_set(found)  # pyright: ignore[reportArgumentType]
        self._known = frozenset(key["kid"] for key in found["keys"])
        self._fetched = time.monotonic()

    async def verify(self, token: str) -> Principal:
        """The principal of a token. Raises Unauthorized, or Unavailable while there are no keys."""
        if (cached := self._verified.get(token)) is not None:
            if cached[0] > time.time():
                return cached[1]
            del self._verified[token]
        principal = await self._decode(token)
        self._verified[token] = (principal.expires_at.timestamp(), principal)
        if len(self._verified) > CACHED_TOKENS:
            self._verified.popitem(last=False)
        return principal

    async def _decode(self, token: str) -> Principal:
        await self._ensure_key(_key_id(token))
        if self._keys is None:
            raise Unavailable("The signing keys are out of reach.")
        try:
            decoded = jwt.decode(token, self._keys, algorithms=ALGORITHMS)
        except (JoseError, ValueError) as error:
            raise Unauthorized("The token is not valid.", code="invalid-token") from error
        return self._principal(decoded.header, decoded.claims, token)

    async def _ensure_key(self, key_id: str | None) -> None:
        """Fetch again for an unknown key, and once in a while; at most once in `REFETCH_AFTER` seconds."""
        age = time.monotonic() - self._fetched
        unknown = key_id not in self._known
        if (unknown and age > REFETCH_AFTER) or age > REFRESH_AFTER:
            async with self._lock:
                if time.monotonic() - self._fetched >= min(age, REFETCH_AFTER):
                    try:
                        await self.refresh()
                    except Unavailable:
                        if self._keys is None:
                            raise

    def _principal(self, header: dict[str, Any], claims: dict[str, Any], token: str) -> Principal:
        audience = AUDIENCE.get(str(header.get("typ")))
        present = time.time()
        if audience is None or claims.get("iss") != self.issuer or claims.get("aud") != audience:
            raise Unauthorized("The token is for something else.", code="invalid-token")
        if not present - LEEWAY < claims.get("exp", 0):
            raise Unauthorized("The token has expired.", code="token-expired")
        if claims.get("nbf", 0) > present + LEEWAY or claims.get("iat", 0) > present + LEEWAY:
            raise Unauthorized("The token is not valid yet.", code="invalid-token")
        try:
            return _from_claims(claims, token)
        except (KeyError, ValueError, TypeError) as error:
            raise Unauthorized("The token lacks a claim.", code="invalid-token") from error


def _from_claims(claims: dict[str, Any], token: str) -> Principal:
    subject = str(claims["sub"])
    service = subject.removeprefix("service:") if subject.startswith("service:") else None
    actor = claims.get("act")
    scope = claims.get("scope")
    return Principal(
        subject=subject,
        user_id=None if service or subject.startswith(("key:", "client:")) else UUID(subject),
        session_id=UUID(claims["sid"]) if claims.get("sid") else None,
        organization_id=UUID(claims["org"]) if claims.get("org") else None,
        roles=frozenset(claims.get("roles", ())),
        scopes=None if scope is None else frozenset(scope.split()),
        service=service,
        impersonator=UUID(actor["sub"]) if actor else None,
        key_id=UUID(claims["key"]) if claims.get("key") else None,
        endpoint=claims.get("endpoint"),
        impersonator_session=UUID(actor["sid"]) if actor and actor.get("sid") else None,
        auth_time=datetime.fromtimestamp(claims["auth_time"], UTC) if claims.get("auth_time") else None,
        acr=claims.get("acr"),
        amr=tuple(claims.get("amr", ())),
        issued_at=datetime.fromtimestamp(claims["iat"], UTC),
        expires_at=datetime.fromtimestamp(claims["exp"], UTC),
        token=token,
    )


def _key_id(token: str) -> str | None:
    try:
        return jwt_header(token).get("kid")
    except ValueError as error:
        raise Unauthorized("The token is not a JWT.", code="invalid-token") from error


def jwt_header(token: str) -> dict[str, Any]:
    """The unverified header of a compact JWS. Raises ValueError for anything else."""
    from joserfc.util import json_b64decode  # noqa: PLC0415

    parts = token.split(".")
    if len(parts) != 3:  # noqa: PLR2004
        raise ValueError("not a compact JWS")
    header = json_b64decode(parts[0].encode())
    if not isinstance(header, dict):
        raise ValueError("not a JWS header")  # noqa: TRY004
    return header
