"""What a client's access token tells of its person."""

from typing import Any

import msgspec
from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6750 import InsufficientScopeError, InvalidTokenError
from chassis.runtime import Runtime
from kernel import Unauthorized
from litestar import Response
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from identity.openid import claims
from identity.openid.scopes import OPENID
from identity.throttling.callers import AnyRequest

LENT = text("""
    SELECT s.user_id, s.claims FROM sessions s JOIN users u ON u.id = s.user_id
     WHERE s.id = :session_id AND s.client_id IS NOT NULL AND s.ended_at IS NULL AND s.expires_at > clock_timestamp()
       AND u.state = 'confirmed' AND (u.sessions_ended_at IS NULL OR s.created_at > u.sessions_ended_at)
""")


async def answer(runtime: Runtime, session: AsyncSession, request: AnyRequest) -> Response[Any]:
    """The claims, or an error of RFC 6750."""
    try:
        found = await _told(runtime, session, request)
    except OAuth2Error as error:
        status, body, headers = error()
        return Response(
            msgspec.json.encode(body), status_code=status, headers=dict(headers), media_type="application/json"
        )
    return Response(msgspec.json.encode(found), headers={"cache-control": "no-store"}, media_type="application/json")


async def _told(runtime: Runtime, session: AsyncSession, request: AnyRequest) -> dict[str, Any]:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise InvalidTokenError("Send an access token as the bearer credential.")
    try:
        principal = await runtime.verifier.verify(token.strip())
        await runtime.revocations.check(principal)
    except Unauthorized as error:
        raise InvalidTokenError(error.detail) from error
    row = (await session.execute(LENT, {"session_id": principal.session_id})).first()
    if row is None or row.user_id != principal.user_id:
        raise InvalidTokenError("The token does not belong to a client's session that lives.")
    if principal.scopes is None or OPENID not in principal.scopes:
        raise InsufficientScopeError("The token lacks the scope openid.")
    named = (row.claims or {}).get("userinfo")
    return {"sub": str(row.user_id)} | await claims.of(session, row.user_id, sorted(principal.scopes), named)
