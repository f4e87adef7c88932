"""Clients that authenticate with an assertion signed with their own key (RFC 7523, `private_key_jwt`)."""

# Authlib's methods take what any model might be; ours take what our models are.
# pyright: reportIncompatibleMethodOverride=false, reportIncompatibleVariableOverride=false

import time
from datetime import UTC, datetime
from typing import Any, NamedTuple

import msgspec
from authlib.oauth2.rfc6749 import InvalidClientError
from authlib.oauth2.rfc7523 import JWTBearerClientAssertion
from chassis import outside
from chassis.outside import Unreached
from chassis.runtime import Runtime
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from kernel import Invalid
from sqlalchemy import text
from sqlalchemy.util import await_only

from identity.oauth2_client_settings.checking import key_problem
from identity.openid.clients import Client

METHOD = "private_key_jwt"
ALGORITHMS = ["ES256", "ES384", "ES512", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "EdDSA", "Ed25519"]
LONGEST_LIFE = 3600.0
LEEWAY = 30
LONGEST_ID = 200
KEYS_FRESH, KEYS_AGAIN = 300.0, 5.0
LARGEST_KEYS = 64 * 1024
MOST_CACHED = 500
CACHE = "client-keys"

USE = """
    INSERT INTO oauth2_assertions (client_id, jti, expires_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING RETURNING jti
"""
SWEEP = text("DELETE FROM oauth2_assertions WHERE expires_at < now() - interval '1 minute'")


class Fetched(NamedTuple):
    """Keys that a client publishes, and when they were read; no keys where they could not be."""

    keys: KeySet | None
    at: float


class Assertions(JWTBearerClientAssertion):
    """Authlib's check, with our algorithms, and ids that count once."""

    CLIENT_AUTH_METHOD = METHOD  # pyright: ignore[reportGeneralTypeIssues] it is no constant

    def __init__(self, runtime: Runtime, audiences: list[str]) -> None:
        """`audiences` are the names under which the provider may be addressed."""
        super().__init__(leeway=LEEWAY)  # pyright: ignore[reportCallIssue] the address is no longer asked for
        self._runtime, self._audiences = runtime, audiences
        self._client: Any = None

    def get_audiences(self) -> list[str]:
        """Who an assertion has to be for."""
        return self._audiences

    def resolve_client_public_key(self, client: Client) -> KeySet:
        """The keys of a client. Raises InvalidClientError."""
        self._client = client
        if client.auth_method != METHOD:
            raise InvalidClientError("This client does not authenticate with assertions.", status_code=401)
        if client.jwks is not None:
            return KeySet.import_key_set(client.jwks)  # pyright: ignore[reportArgumentType]
        return await_only(keys_of(self._runtime, str(client.jwks_uri), KEYS_FRESH))

    def process_assertion_claims(self, assertion: str, resolve_key: Any) -> Any:
        """Verify an assertion; where its key is not known, with the client's keys as they are now."""
        try:
            claims = jwt.decode(assertion, resolve_key, algorithms=ALGORITHMS).claims
        except (JoseError, ValueError):
            claims = self._with_new_keys(assertion)
        self.verify_claims(claims)  # pyright: ignore[reportAttributeAccessIssue]
        return claims

    def _with_new_keys(self, assertion: str) -> Any:
        try:
            if self._client.jwks_uri is None:
                raise ValueError("no other keys")
            newer = await_only(keys_of(self._runtime, self._client.jwks_uri, KEYS_AGAIN))
            return jwt.decode(assertion, newer, algorithms=ALGORITHMS).claims
        except (JoseError, ValueError):
            raise InvalidClientError("The assertion is not signed with a key of the client.", status_code=401) from None

    def validate_jti(self, claims: Any, jti: Any) -> bool:
        """Whether an id comes for the first time. Raises InvalidClientError for an assertion that lives too long."""
        until = claims["exp"]
        if not isinstance(jti, str) or not 0 < len(jti) <= LONGEST_ID or "\x00" in jti:
            raise InvalidClientError("The assertion has no usable jti.", status_code=401)
        if until > time.time() + LONGEST_LIFE:
            raise InvalidClientError("The assertion lives for more than an hour.", status_code=401)
        expires_at = datetime.fromtimestamp(until + LEEWAY, UTC)
        return await_only(self._runtime.row(USE, self._client.id, jti, expires_at)) is not None


async def keys_of(runtime: Runtime, url: str, fresh: float) -> KeySet:
    """The keys at a client's address, read in the last `fresh` seconds. Raises InvalidClientError.

    An address that fails is asked again after a few seconds, not with every assertion.
    """
    known: dict[str, Fetched] = runtime.extras.setdefault(CACHE, {})
    found = known.get(url)
    if found is None or time.monotonic() - found.at > (fresh if found.keys else KEYS_AGAIN):
        if len(known) >= MOST_CACHED:
            known.pop(next(iter(known)))
        known[url] = found = Fetched(await _fetched(runtime, url), time.monotonic())
    if found.keys is None:
        raise InvalidClientError("The keys of the client cannot be read at its jwks_uri.", status_code=401)
    return found.keys


async def _fetched(runtime: Runtime, url: str) -> KeySet | None:
    try:
        answer = await outside.fetch(runtime, "GET", url, headers={"accept": "application/json"}, most=LARGEST_KEYS)
        keys = msgspec.json.decode(answer.body, type=dict[str, Any]) if answer.status == 200 else {}  # noqa: PLR2004
    except (Unreached, Invalid, msgspec.DecodeError):
        keys = {}
    return None if key_problem(keys) else KeySet.import_key_set(keys)  # pyright: ignore[reportArgumentType]
