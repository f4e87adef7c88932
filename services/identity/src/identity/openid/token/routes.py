"""`/oauth2/token`, and what may be asked about the tokens that it gives."""

from typing import Any

from chassis.arguments import Process, Session
from contracts.permissions import PUBLIC
from jsonapi import post
from litestar import Response

from identity.openid import documents
from identity.openid.asking import LONGEST_BODY
from identity.openid.token import answering
from identity.openid.token.looking_up import Introspection, Revocation
from identity.throttling.callers import AnyRequest


@post(
    "/oauth2/token",
    operation_id="oauth2Token",
    operation_class=documents.form(documents.TOKEN, documents.CLIENT, needed=("grant_type",)),
    tags=[documents.TAG],
    permission=PUBLIC,
    status=200,
    secret_answer=True,
    request_max_body_size=LONGEST_BODY,
)
async def token(session: Session, runtime: Process, request: AnyRequest) -> Response[Any]:
    """Exchange a code, a refresh token, a client's credential or a device's code for tokens (RFC 6749, section 3.2).

    Takes a form. A code counts once: when it comes again, what it gave ends. Refresh tokens are replaced with every
    use; the token just replaced may be sent again within 10 seconds, an older one ends the session.
    """
    return await answering.answer(runtime, session, request)


@post(
    "/oauth2/introspect",
    operation_id="oauth2Introspect",
    operation_class=documents.form(documents.ABOUT_TOKEN, documents.CLIENT, needed=("token",)),
    tags=[documents.TAG],
    permission=PUBLIC,
    status=200,
    reads=True,
    request_max_body_size=LONGEST_BODY,
)
async def introspect(session: Session, runtime: Process, request: AnyRequest) -> Response[Any]:
    """Ask whether a token counts at this moment (RFC 7662).

    Clients with a credential may ask about tokens of any client of their organization; nothing else is active to them.
    """
    return await answering.look_up(runtime, session, request, Introspection)


@post(
    "/oauth2/revoke",
    operation_id="oauth2Revoke",
    operation_class=documents.form(documents.ABOUT_TOKEN, documents.CLIENT, needed=("token",)),
    tags=[documents.TAG],
    permission=PUBLIC,
    status=200,
    secret_answer=True,
    request_max_body_size=LONGEST_BODY,
)
async def revoke(session: Session, runtime: Process, request: AnyRequest) -> Response[Any]:
    """Give a token back (RFC 7009): what was given together with it ends everywhere within a second."""
    return await answering.look_up(runtime, session, request, Revocation)


ROUTES = [token, introspect, revoke]
