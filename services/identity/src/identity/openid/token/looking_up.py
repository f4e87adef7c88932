"""What a token is, for clients that hold one: whether it counts now, and its end (RFC 7662, RFC 7009)."""

# Authlib's methods take what any model might be; ours take what our models are.
# pyright: reportIncompatibleMethodOverride=false, reportIncompatibleVariableOverride=false

from typing import Any
from uuid import UUID

import msgspec
from authlib.oauth2.rfc6749 import UnsupportedTokenTypeError
from authlib.oauth2.rfc7009 import RevocationEndpoint
from authlib.oauth2.rfc7662 import IntrospectionEndpoint
from chassis.principal import Principal
from contracts.identity import SessionEnded
from joserfc.util import json_b64decode
from kernel import Unauthorized
from messaging import publish
from sqlalchemy.util import await_only

from identity.api_keys.standing import OF_KEY
from identity.openid import browser_sessions
from identity.openid.asking import Asked
from identity.openid.clients import Client
from identity.openid.provider import CONFIDENTIAL, METHODS, Provider
from identity.sessions import commands as sessions
from identity.sessions.families import PREFIX

LENT = """
    SELECT s.id, s.user_id, s.scopes, s.expires_at, s.client_id, c.client_id AS client, c.organization_id, u.username,
           u.tokens_outdated_at,
           s.ended_at IS NULL AND s.expires_at > clock_timestamp() AND u.state = 'confirmed' AND c.deleted_at IS NULL
           AND (u.sessions_ended_at IS NULL OR s.created_at > u.sessions_ended_at) AS alive
      FROM sessions s JOIN users u ON u.id = s.user_id JOIN oauth2_clients c ON c.id = s.client_id
"""
BY_ID = f"{LENT} WHERE s.id = $1"
BY_REFRESH_TOKEN = f"""
    {LENT} JOIN refresh_tokens r ON r.session_id = s.id WHERE r.hash = $1 AND r.first_used_at IS NULL
"""
MACHINE = "SELECT organization_id FROM oauth2_clients WHERE client_id = $1 AND deleted_at IS NULL"


class Token(msgspec.Struct, frozen=True, kw_only=True):
    """A token that was given to a client, or to a service account. `claims` are an access token's own.

    `session_id` is what ends it; without one that is the API key that it was made of.
    """

    client: str
    organization_id: UUID
    session_id: UUID | None
    user_id: UUID | None
    alive: bool
    username: str | None = None
    claims: dict[str, Any] = {}

    def check_client(self, client: Client) -> bool:
        """Whether it was given to this client."""
        return self.client == client.client_id

    def is_expired(self) -> bool:
        """An expired one is not found."""
        return False

    def is_revoked(self) -> bool:
        """Whether its session has ended."""
        return not self.alive


class Introspection(IntrospectionEndpoint):
    """Clients may ask about tokens of clients of their own organization."""

    CLIENT_AUTH_METHODS = CONFIDENTIAL
    server: Provider

    def query_token(self, token_string: str, token_type_hint: str | None) -> Token | None:
        """The token, whatever it was taken for."""
        _ = token_type_hint
        return await_only(find(self.server, token_string))

    def check_permission(self, token: Token, client: Client, request: Asked) -> bool:
        """Whether the client may know."""
        _ = request
        return token.organization_id == client.organization_id

    def introspect_token(self, token: Token) -> dict[str, Any]:
        """What is told."""
        told = token.claims | {"client_id": token.client, "username": token.username}
        return {name: value for name, value in told.items() if value is not None}


class Revocation(RevocationEndpoint):
    """A client gives a token back: all that it got with it ends, and a refresh token with its access tokens."""

    CLIENT_AUTH_METHODS = METHODS
    server: Provider

    def query_token(self, token_string: str, token_type_hint: str | None) -> Token | None:
        """The token, whatever it was taken for."""
        _ = token_type_hint
        return await_only(find(self.server, token_string))

    def revoke_token(self, token: Token, request: Asked) -> None:
        """End it. What a client has in its own name is kept nowhere: that it ended is announced.

        Raises UnsupportedTokenTypeError for what was made of an API key, and ends with that.
        """
        if token.session_id is None:
            raise UnsupportedTokenTypeError
        if token.user_id is not None:
            await_only(sessions.end(self.server.session, token.session_id, "revoked"))
            return
        ended = SessionEnded(session_id=token.session_id, user_id=request.client.id, reason="revoked")
        await_only(publish(self.server.session, ended))


async def find(provider: Provider, value: str) -> Token | None:
    """The token that a client holds: one of its refresh tokens, or an access token that has not expired."""
    if value.startswith(PREFIX):
        row = await provider.runtime.row(BY_REFRESH_TOKEN, browser_sessions.digest(value))
        return _of_row(row, _refresh_claims(provider, row)) if row is not None else None
    try:
        principal = await provider.runtime.verifier.verify(value)
        await provider.runtime.revocations.check(principal)
    except Unauthorized:
        return None
    return await _access(provider, principal, _claims(value)) if principal.scopes is not None else None


async def _access(provider: Provider, principal: Principal, claims: dict[str, Any]) -> Token | None:
    """An access token that was verified, by what the rows say of whoever it was made for."""
    if principal.user_id is None:
        return await _machine(provider, principal, claims)
    if principal.key_id is not None:
        return await _of_key(provider, principal, claims)
    row = await provider.runtime.row(BY_ID, principal.session_id)
    if row is None or row["user_id"] != principal.user_id or row["client"] != claims.get("client_id"):
        return None
    outdated = row["tokens_outdated_at"]
    return None if outdated is not None and principal.issued_at < outdated else _of_row(row, claims)


async def _machine(provider: Provider, principal: Principal, claims: dict[str, Any]) -> Token | None:
    client = principal.subject.removeprefix("client:")
    row = await provider.runtime.row(MACHINE, client)
    if row is None or principal.session_id is None:
        return None
    return Token(
        client=client,
        organization_id=row["organization_id"],
        session_id=principal.session_id,
        user_id=None,
        alive=True,
        claims=claims,
    )


async def _of_key(provider: Provider, principal: Principal, claims: dict[str, Any]) -> Token | None:
    """A service account's token: it counts as long as the API key that it was made of.

    The session that it names after an exchange is a person's own, which is not the machine's to end.
    """
    row = await provider.runtime.row(OF_KEY, principal.key_id)
    if row is None or principal.organization_id is None:
        return None
    return Token(
        client=str(claims.get("client_id")),
        organization_id=principal.organization_id,
        session_id=None,
        user_id=principal.user_id,
        alive=True,
        claims=claims,
    )


def _of_row(row: Any, claims: dict[str, Any]) -> Token:
    return Token(
        client=row["client"],
        organization_id=row["organization_id"],
        session_id=row["id"],
        user_id=row["user_id"],
        alive=row["alive"],
        username=row["username"],
        claims=claims,
    )


def _claims(token: str) -> dict[str, Any]:
    """What an access token that was verified says."""
    said: Any = json_b64decode(token.split(".")[1].encode())
    kept = ("scope", "sub", "aud", "iss", "iat", "nbf", "exp", "jti", "sid", "org", "client_id", "auth_time", "acr")
    whole = {"iat", "nbf", "exp"}
    found = {name: int(said[name]) if name in whole else said[name] for name in kept if name in said}
    return found | {"token_type": "Bearer"}


def _refresh_claims(provider: Provider, row: Any) -> dict[str, Any]:
    return {
        "scope": " ".join(row["scopes"]),
        "sub": str(row["user_id"]),
        "iss": provider.issuer,
        "exp": int(row["expires_at"].timestamp()),
        "sid": str(row["id"]),
    }
