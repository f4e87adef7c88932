"""`/oauth2/authorize` and `/oauth2/par`: where clients ask that somebody signs in."""

from typing import Any

from chassis.arguments import Process, Session
from contracts.permissions import PUBLIC
from jsonapi import get, post
from litestar import Response

from identity.openid import documents
from identity.openid.asking import LONGEST_BODY
from identity.openid.authorization import arriving, pushing
from identity.openid.pages.problems import PROBLEMS
from identity.throttling.callers import AnyRequest

AUTHORIZE = "/oauth2/authorize"


@get(
    AUTHORIZE,
    operation_id="oauth2Authorize",
    operation_class=documents.query(documents.AUTHORIZE, documents.PUSHED, needed=("client_id",)),
    tags=[documents.TAG],
    permission=PUBLIC,
    exception_handlers=PROBLEMS,
)
async def authorize(runtime: Process, request: AnyRequest) -> Response[Any]:
    """Sign a person in for a client (OpenID Connect Core, section 3.1.2): a browser is sent here with the request.

    Parameters: client_id, redirect_uri, response_type=code, scope, state, nonce, code_challenge with
    code_challenge_method=S256 (which public clients have to send), prompt, max_age, login_hint, id_token_hint,
    acr_values, claims, ui_locales, or request_uri alone with client_id after `/oauth2/par`. The answer is a redirect
    with code, state and iss, or error. Where the client or its address is not known, it is a page and no redirect.
    """
    return await arriving.arrive(runtime, request)


@post(
    AUTHORIZE,
    operation_id="oauth2AuthorizeForm",
    operation_class=documents.form(documents.AUTHORIZE, documents.PUSHED, needed=("client_id",)),
    tags=[documents.TAG],
    permission=PUBLIC,
    status=303,
    request_max_body_size=LONGEST_BODY,
    exception_handlers=PROBLEMS,
)
async def authorize_form(runtime: Process, request: AnyRequest) -> Response[Any]:
    """The same with the parameters as a form."""
    return await arriving.arrive(runtime, request)


@post(
    "/oauth2/par",
    operation_id="oauth2PushAuthorizationRequest",
    operation_class=documents.form(documents.AUTHORIZE, documents.CLIENT),
    tags=[documents.TAG],
    permission=PUBLIC,
    secret_answer=True,
    request_max_body_size=LONGEST_BODY,
)
async def push(session: Session, runtime: Process, request: AnyRequest) -> Response[Any]:
    """Send an authorization request by the back channel (RFC 9126); the `request_uri` counts once, for 90 seconds."""
    return await pushing.push(runtime, session, request)


ROUTES = [authorize, authorize_form, push]
