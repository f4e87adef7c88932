"""Token exchange (RFC 8693): a client swaps a person's access token for one that may less.

The new token is of the same session and ends with it, says at most the scopes that both the person's token and the
client have, and lives no longer. With an `actor_token`, or where the client is a service account that may act for
users, it is a delegation and names the actor (`act`, section 4.1), and each call made with it is audited; without
either it stands for the person alone. Tokens that name an actor already are not exchanged again.
"""

from typing import Any
from uuid import UUID

import msgspec
from authlib.oauth2.rfc6749 import (
    InvalidGrantError,
    InvalidRequestError,
    InvalidScopeError,
    OAuth2Error,
    TokenEndpointMixin,
    UnauthorizedClientError,
)
from authlib.oauth2.rfc6749.grants import BaseGrant
from chassis.principal import Principal
from contracts.scopes import SCOPES
from joserfc.util import json_b64decode
from kernel import DomainError
from sqlalchemy.util import await_only

from identity import tokens
from identity.audit_events.commands import record
from identity.authenticate.queries import authenticate
from identity.openid.asking import Asked
from identity.openid.clients import Client
from identity.openid.provider import CONFIDENTIAL, Provider
from identity.service_accounts.as_client import EXCHANGE, Machine
from identity.service_accounts.models import ServiceAccount
from identity.sessions.proofs import Proof
from identity.synthetic_user_tokens.commands import admitted, plain_roles

ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token"  # noqa: S105 a type's name
JWT = "urn:ietf:params:oauth:token-type:jwt"
TYPES = {ACCESS_TOKEN, JWT}


class InvalidTargetError(OAuth2Error):
    """The audience or resource is not ours (RFC 8693, section 2.2.2)."""

    error = "invalid_target"
    description = "Tokens are for this platform."


class Exchange(BaseGrant, TokenEndpointMixin):
    """The grant."""

    GRANT_TYPE: str = EXCHANGE  # pyright: ignore[reportIncompatibleVariableOverride] Authlib's says None
    TOKEN_ENDPOINT_AUTH_METHODS = CONFIDENTIAL
    server: Provider
    request: Asked  # pyright: ignore[reportIncompatibleVariableOverride] every request here is one

    def validate_token_request(self) -> None:
        """The client, and the parameters that need no looking up. Raises OAuth2Error."""
        client: Any = self.authenticate_token_endpoint_client()
        if not client.check_grant_type(self.GRANT_TYPE):
            raise UnauthorizedClientError("The client may not use this grant.")
        self.request.client = client
        form = self.request.form
        if not form.get("subject_token") or form.get("subject_token_type") not in TYPES:
            raise InvalidRequestError("Send an access token as subject_token, and its type.")
        if ("actor_token" in form) != ("actor_token_type" in form) or form.get("actor_token_type", JWT) not in TYPES:
            raise InvalidRequestError("Send actor_token and its type together; it is an access token.")
        if form.get("requested_token_type", ACCESS_TOKEN) not in TYPES:
            raise InvalidRequestError("Only access tokens are issued.")
        if form.get("audience", tokens.AUDIENCE) != tokens.AUDIENCE:
            raise InvalidTargetError
        if "resource" in form and not f"{form['resource']}/".startswith(f"{self.server.issuer}/"):
            raise InvalidTargetError

    def create_token_response(self) -> Any:
        """The new token."""
        return 200, await_only(exchanged(self.server, self.request)), self.TOKEN_RESPONSE_HEADER


async def exchanged(provider: Provider, asked: Asked) -> dict[str, Any]:
    """What a checked request gets. Raises OAuth2Error."""
    client: Client = asked.client  # pyright: ignore[reportAssignmentType] ours
    subject = await _subject(provider, client, asked.form["subject_token"])
    scopes = _scopes(client, subject, asked.payload.scope)
    actor, key_id = await _actor(provider, client, asked.form.get("actor_token"))
    roles = tuple(sorted(role for role in subject.roles if not role.startswith("system.")))
    if actor is not None:
        try:
            who = await admitted(provider.session, actor, subject.user_id, None)  # pyright: ignore[reportArgumentType]
        except DomainError as error:
            raise InvalidGrantError("The actor may not act for this person.") from error
        roles = plain_roles(who, actor.organization_id)
    seconds = max(1, min(tokens.ACCESS_SECONDS, int((subject.expires_at - client.at).total_seconds())))
    made = tokens.Subject(
        user_id=subject.user_id,  # pyright: ignore[reportArgumentType] it is a person's: looked at in _subject
        session_id=subject.session_id,
        organization_id=client.organization_id,
        roles=roles,
        at=client.at,
        proof=Proof(subject.acr, subject.amr, subject.auth_time) if subject.acr and actor is None else None,
        scopes=frozenset(scopes),
        impersonator=actor.id if actor is not None else None,
        key_id=key_id,
        client=client.client_id,
    )
    _note(provider, client, made, scopes)
    return {
        "access_token": tokens.access_token(provider.parts, made, seconds),
        "issued_token_type": ACCESS_TOKEN,
        "token_type": "Bearer",
        "expires_in": seconds,
        "scope": " ".join(scopes),
    }


async def _subject(provider: Provider, client: Client, token: str) -> Principal:
    """Whose token it is: a person's of the client's organization whose session lives. Raises InvalidGrantError."""
    principal = await _counting(provider, token)
    whose = principal.user_id is not None and principal.session_id is not None and principal.endpoint is None
    if not whose or principal.organization_id != client.organization_id:
        raise InvalidGrantError("The subject_token is not a person's of the client's organization.")
    if principal.impersonator is not None:
        raise InvalidGrantError("The subject_token names an actor already.")
    return principal


async def _actor(provider: Provider, client: Client, token: str | None) -> tuple[ServiceAccount | None, UUID | None]:
    """Who will act, and by which key: whose token is shown, else the client where it is a machine.

    Raises OAuth2Error.
    """
    key_id = client.key["id"] if isinstance(client, Machine) and client.key is not None else None
    if token is None and not isinstance(client, Machine):
        return None, None
    identifier = client.id
    if token is not None:
        shown = await _counting(provider, token)
        identifier, key_id = shown.user_id, shown.key_id or key_id
    account = await provider.session.get(ServiceAccount, identifier) if identifier else None
    if account is None or not account.acts_for_users or account.organization_id != client.organization_id:
        if token is None:
            raise UnauthorizedClientError("The service account may not act for users.")
        raise InvalidGrantError("The actor_token is not of a service account that may act for users.")
    return account, key_id


async def _counting(provider: Provider, token: str) -> Principal:
    """Who bears an access token that counts now, by the rows. Raises InvalidGrantError."""
    try:
        principal = await provider.runtime.verifier.verify(token)
        if _kind(token) != tokens.ACCESS:
            raise InvalidGrantError("This is not an access token.")
        await provider.runtime.revocations.check(principal)
        await authenticate(provider.runtime, principal, edge=False)
    except DomainError as error:
        raise InvalidGrantError("A token does not count.") from error
    return principal


def _scopes(client: Client, subject: Principal, wanted: str | None) -> list[str]:
    """The scopes of the new token: all that both have, or those that are asked for. Raises InvalidScopeError."""
    known = SCOPES if subject.scopes is None else subject.scopes
    both = [scope for scope in client.scopes if scope in known and scope in SCOPES]
    asked = list(dict.fromkeys((wanted or "").split())) or both
    if not asked or not set(asked) <= set(both):
        raise InvalidScopeError("The client, or the token, may not have these scopes.")
    return asked


def _note(provider: Provider, client: Client, made: tokens.Subject, scopes: list[str]) -> None:
    where: dict[str, Any] = {"organization_id": client.organization_id, "target": f"sessions:{made.session_id}"}
    record(
        provider.session,
        None,
        "token-exchanged",
        made.user_id,
        actor=f"client:{client.client_id}",
        **where,
        scopes=scopes,
    )


def _kind(token: str) -> str:
    header: Any = json_b64decode(token.partition(".")[0].encode())
    return msgspec.convert(header.get("typ"), str)
