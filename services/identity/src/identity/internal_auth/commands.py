"""Tokens for services."""

import hmac

from chassis.runtime import Runtime
from kernel import Unauthorized, now

from identity import tokens
from identity.internal_auth import kubernetes
from identity.internal_auth.schemas import InternalAuth, InternalToken, InternalTokens
from identity.parts import Parts, parts_of
from identity.settings import known_services

NOBODY = "0" * 128


def internal_auth(parts: Parts, asked: InternalAuth) -> InternalTokens:
    """A token for a service that proves its secret. Raises Unauthorized, alike for an unknown service."""
    expected = known_services(parts.settings.service_secrets).get(asked.sa_name)
    same = hmac.compare_digest((expected or NOBODY).lower().encode(), asked.sa_token_sha512.lower().encode())
    if expected is None or not same:
        raise Unauthorized("The service or its secret is not known.", code="invalid-service")
    return InternalTokens(
        access_token=tokens.service_token(parts, asked.sa_name, now()),
        expires_in=tokens.SERVICE_SECONDS,
        user_id=f"service:{asked.sa_name}",
        username=asked.sa_name,
    )


async def internal_auth_v2(runtime: Runtime, token: str) -> InternalToken:
    """A token for the service that a projected token is of. Raises Unauthorized or Unavailable."""
    service = await kubernetes.service_of(runtime, token)
    return InternalToken(tokens.service_token(parts_of(runtime), service, now()), tokens.SERVICE_SECONDS)


class OwnTokens:
    """identity's own internal tokens: it signs them itself instead of asking over HTTP."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def get(self) -> str:
        """A new token."""
        return tokens.service_token(self._parts, "identity", now())
