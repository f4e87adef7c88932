"""The provider's pages. Each belongs to one interaction, in the browser that began it; forms carry a mark of ours."""

from typing import Any
from uuid import UUID

from chassis.arguments import FromPath, Process, Session
from contracts.permissions import PUBLIC
from jsonapi import get, post
from litestar import Response

from identity.openid.asking import LONGEST_BODY
from identity.openid.interactions.going_on import redirect
from identity.openid.pages import passkeys, resuming, showing, signing_in
from identity.openid.pages.problems import PROBLEMS, Ended
from identity.openid.pages.visiting import look, posted
from identity.throttling.callers import AnyRequest

SHOWN: Any = {"permission": PUBLIC, "exception_handlers": PROBLEMS, "include_in_schema": False}
POSTED: Any = SHOWN | {"status": 303, "secret_answer": True, "request_max_body_size": LONGEST_BODY}


@get("/oauth2/interactions/{interaction_id:uuid}", operation_id="goOnWithInteraction", **SHOWN)
async def go_on(runtime: Process, request: AnyRequest, interaction_id: FromPath[UUID]) -> Response[Any]:
    """Go on with what comes next: a page, or the client's address with the answer."""
    return redirect(await resuming.resume(runtime, request, interaction_id))


@get("/oauth2/sign-in", operation_id="showSignIn", **SHOWN)
async def show_sign_in(session: Session, runtime: Process, request: AnyRequest) -> Response[Any]:
    """The page that asks for username and password."""
    return await showing.show(runtime, session, request, await look(runtime, session, request), "sign-in")


@post("/oauth2/sign-in", operation_id="signInOnPage", **POSTED)
async def sign_in(session: Session, runtime: Process, request: AnyRequest) -> Response[Any]:
    """Sign in with a password. Whatever was wrong, the page says the same."""
    return await signing_in.sign_in(runtime, session, request)


@get("/oauth2/second-factor", operation_id="showSecondFactor", **SHOWN)
async def show_second_factor(session: Session, runtime: Process, request: AnyRequest) -> Response[Any]:
    """The page that asks for a second factor."""
    return await showing.show(runtime, session, request, await look(runtime, session, request), "second-factor")


@post("/oauth2/second-factor", operation_id="giveSecondFactor", **POSTED)
async def second_factor(session: Session, runtime: Process, request: AnyRequest) -> Response[Any]:
    """Give a code of the authenticator, or one for recovery."""
    return await signing_in.second_factor(runtime, session, request, await posted(runtime, session, request))


@post("/oauth2/passkey", operation_id="showPasskey", **POSTED)
async def passkey(session: Session, runtime: Process, request: AnyRequest) -> Response[Any]:
    """Sign in by a passkey, or give it as the second factor."""
    return await passkeys.show(runtime, session, request, await posted(runtime, session, request))


@get("/oauth2/documents", operation_id="showDocuments", **SHOWN)
async def show_documents(session: Session, runtime: Process, request: AnyRequest) -> Response[Any]:
    """The page that lists documents to agree to."""
    return await showing.show(runtime, session, request, await look(runtime, session, request), "documents")


@post("/oauth2/documents", operation_id="agreeToDocuments", **POSTED)
async def documents(session: Session, runtime: Process, request: AnyRequest) -> Response[Any]:
    """Agree to the documents that were shown."""
    return await signing_in.agree(runtime, session, await posted(runtime, session, request))


@get("/oauth2/consent", operation_id="showConsent", **SHOWN)
async def show_consent(session: Session, runtime: Process, request: AnyRequest) -> Response[Any]:
    """The page that says what a client asks for."""
    return await showing.show(runtime, session, request, await look(runtime, session, request), "consent")


@post("/oauth2/consent", operation_id="giveConsent", **POSTED)
async def consent(session: Session, runtime: Process, request: AnyRequest) -> Response[Any]:
    """Allow a client what it asks for, or not."""
    return await showing.consent(runtime, session, await posted(runtime, session, request))


@get("/oauth2/ended", operation_id="showEnded", **SHOWN)
async def show_ended() -> Response[Any]:
    """The page for who comes too late."""
    raise Ended


ROUTES = [
    go_on,
    show_sign_in,
    sign_in,
    show_second_factor,
    second_factor,
    passkey,
    show_documents,
    documents,
    show_consent,
    consent,
    show_ended,
]
