"""Requests that come by the back channel first (RFC 9126): a client sends what it asks for, and gets a name for it."""

from datetime import timedelta
from typing import Any

from authlib.oauth2.rfc6749 import InvalidRequestError, OAuth2Error
from chassis.runtime import Runtime
from litestar import Response
from sqlalchemy import func, text
from sqlalchemy.ext.asyncio import AsyncSession

from identity.openid import browser_sessions
from identity.openid.asking import CREDENTIALS, Asked, from_form
from identity.openid.authorization.understanding import understand
from identity.openid.clients import Client
from identity.openid.models import PushedRequest
from identity.openid.provider import METHODS, Provider, answered, refused
from identity.openid.token.grants import equip
from identity.throttling.callers import AnyRequest

PREFIX = "urn:ietf:params:oauth:request_uri:"
LIVES = 90
OWN = (*CREDENTIALS, "client_assertion_type")

TAKE = text("""
    UPDATE oauth2_pushed_requests r SET used_at = clock_timestamp()
      FROM oauth2_clients c
     WHERE r.hash = :hash AND c.id = r.client_id AND c.client_id = :client_id
       AND r.used_at IS NULL AND r.expires_at > clock_timestamp()
    RETURNING r.parameters
""")
SWEEP = text("DELETE FROM oauth2_pushed_requests WHERE expires_at < now() - interval '10 minutes'")


async def push(runtime: Runtime, session: AsyncSession, request: AnyRequest) -> Response[Any]:
    """Keep a request that is good, and answer its name; an error of OAuth 2 otherwise."""
    provider = equip(Provider(runtime, session))
    try:
        asked = await from_form(request)
    except OAuth2Error as error:
        return refused(error)
    name = browser_sessions.new_secret()

    def work() -> Response[Any]:
        client = _checked(provider, asked)
        kept = {key: value for key, value in asked.payload.data.items() if key not in OWN}
        session.add(
            PushedRequest(
                hash=browser_sessions.digest(name),
                client_id=client.id,
                parameters=kept | {"client_id": client.client_id},
                expires_at=func.clock_timestamp() + timedelta(seconds=LIVES),
            )
        )
        headers = [("Cache-Control", "no-store")]
        return provider.handle_response(201, {"request_uri": PREFIX + name, "expires_in": LIVES}, headers)

    return await answered(provider, asked, work)


async def taken(session: AsyncSession, asked: Asked) -> Asked | None:
    """The request that a `request_uri` names, once. None where the request names none; raises InvalidRequestError."""
    name = asked.payload.data.get("request_uri", "")
    if not name.startswith(PREFIX):
        return None
    key = {
        "hash": browser_sessions.digest(name.removeprefix(PREFIX)),
        "client_id": asked.payload.client_id,
    }
    parameters: dict[str, str] | None = await session.scalar(TAKE, key)
    if parameters is None:
        raise InvalidRequestError("The request_uri is not known here, was used, or has expired.")
    return Asked("GET", asked.path, {}, list(parameters.items()))


def _checked(provider: Provider, asked: Asked) -> Client:
    """The client of a request that is good. Raises OAuth2Error, never one that redirects."""
    client = provider.authenticate_client(asked, METHODS, "par")
    if "request_uri" in asked.payload.data:
        raise InvalidRequestError("A pushed request names no request_uri.")
    plain = Asked("GET", asked.path, {}, [(k, v) for k, v in asked.payload.data.items() if k not in OWN])
    plain.payload.data.setdefault("client_id", client.client_id)
    try:
        return understand(provider, plain).client
    except OAuth2Error as error:
        error.redirect_uri = error.state = None
        raise
