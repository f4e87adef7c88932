"""`/oauth2/userinfo`: who the bearer of an access token is about."""

from typing import Any

from chassis.arguments import Process, Session
from contracts.permissions import PUBLIC
from jsonapi import get, post
from litestar import Response

from identity.openid import documents
from identity.openid.asking import LONGEST_BODY
from identity.openid.userinfo import queries
from identity.throttling.callers import AnyRequest

PATH = "/oauth2/userinfo"


@get(PATH, operation_id="oauth2Userinfo", tags=[documents.TAG], permission=PUBLIC)
async def read(session: Session, runtime: Process, request: AnyRequest) -> Response[Any]:
    """What the token's scopes and the request for it let a client know (OpenID Connect Core, section 5.3)."""
    return await queries.answer(runtime, session, request)


@post(
    PATH,
    operation_id="oauth2UserinfoForm",
    tags=[documents.TAG],
    permission=PUBLIC,
    status=200,
    reads=True,
    request_max_body_size=LONGEST_BODY,
)
async def ask(session: Session, runtime: Process, request: AnyRequest) -> Response[Any]:
    """The same, for clients that post."""
    return await queries.answer(runtime, session, request)


ROUTES = [read, ask]
