"""`/oauth2/end-session` and the pages of signing out."""

from typing import Any

from chassis.arguments import Process, Session
from contracts.permissions import PUBLIC
from jsonapi import get, post
from litestar import Response

from identity.openid import documents
from identity.openid.asking import LONGEST_BODY
from identity.openid.pages.problems import PROBLEMS
from identity.openid.pages.rendering import page
from identity.openid.pages.routes import POSTED, SHOWN
from identity.openid.signing_out import commands
from identity.throttling.callers import AnyRequest

PATH = "/oauth2/end-session"


@get(
    PATH,
    operation_id="oauth2EndSession",
    operation_class=documents.query(documents.END_SESSION),
    tags=[documents.TAG],
    permission=PUBLIC,
    exception_handlers=PROBLEMS,
)
async def end(runtime: Process, request: AnyRequest) -> Response[Any]:
    """Sign a person out for a client (OpenID Connect RP-Initiated Logout 1.0): a browser is sent here.

    With a good `id_token_hint` of whoever is signed in it happens at once; otherwise the person is asked. The browser
    goes to `post_logout_redirect_uri` only if the client has registered exactly that. What the person lets clients
    have ends with it, except for `offline_access`; clients with a back-channel logout address are told.
    """
    return await commands.end(runtime, request)


@post(
    PATH,
    operation_id="oauth2EndSessionForm",
    operation_class=documents.form(documents.END_SESSION),
    tags=[documents.TAG],
    permission=PUBLIC,
    status=303,
    request_max_body_size=LONGEST_BODY,
    exception_handlers=PROBLEMS,
)
async def end_form(runtime: Process, request: AnyRequest) -> Response[Any]:
    """The same with the parameters as a form."""
    return await commands.end(runtime, request)


@post("/oauth2/sign-out", operation_id="confirmSignOut", **POSTED)
async def confirm(session: Session, runtime: Process, request: AnyRequest) -> Response[Any]:
    """Sign out, or stay, as the person answers."""
    return await commands.confirm(runtime, session, request)


@get("/oauth2/signed-out", operation_id="showSignedOut", **SHOWN)
async def signed_out(request: AnyRequest) -> Response[Any]:
    """The page that says what came of it."""
    return page(request, "signed-out", still="still" in request.query_params)


ROUTES = [end, end_form, confirm, signed_out]
