"""Signing out, asked by a client (OpenID Connect RP-Initiated Logout 1.0) or by the person themselves."""

# Authlib's methods take what any model might be; ours take what our models are.
# pyright: reportIncompatibleMethodOverride=false, reportIncompatibleVariableOverride=false

import hmac
from typing import Any
from uuid import UUID

from authlib.oidc.rpinitiated import EndSessionEndpoint
from authlib.oidc.rpinitiated.end_session import EndSessionRequest
from chassis.runtime import Runtime
from litestar import Response
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from identity.openid import browser_sessions
from identity.openid.asking import Asked, demand_single, from_form, from_query
from identity.openid.authorization.understanding import hinted
from identity.openid.browser_sessions import BrowserSession
from identity.openid.clients import Client
from identity.openid.interactions.going_on import redirect
from identity.openid.pages.rendering import page
from identity.openid.pages.visiting import csrf, demand_own, fields
from identity.openid.provider import Provider, run
from identity.parts import Parts, parts_of
from identity.sessions import commands as sessions
from identity.throttling.callers import AnyRequest

ABOUT = "sign-out"
SIGNED_OUT = "/oauth2/signed-out"
LENT = text("SELECT id FROM sessions WHERE id = :session_id AND client_id = :client_id AND user_id = :user_id")


class EndSession(EndSessionEndpoint):
    """Authlib's check of the request, with our keys."""

    server: Provider

    def _validate_id_token_hint(self, id_token_hint: str) -> dict[str, Any]:
        """What an id token of ours says, expired or not. Raises InvalidRequestError."""
        return hinted(self.server, id_token_hint)

    def is_post_logout_redirect_uri_legitimate(
        self, request: Asked, post_logout_redirect_uri: str, client: Client, logout_hint: str | None
    ) -> bool:
        """The person confirms without a hint, and the address is the client's: that will do."""
        _ = request, post_logout_redirect_uri, client, logout_hint
        return True


async def end(runtime: Runtime, request: AnyRequest) -> Response[Any]:
    """Sign out, where the client shows whom it means; else ask the person. Raises OAuth2Error."""
    parts = parts_of(runtime)
    asked = await from_form(request) if request.method == "POST" else from_query(request)
    async with runtime.sessions.begin() as session:
        provider = Provider(runtime, session)
        found: EndSessionRequest = await run(_validated, provider, asked)
        signed_in = await browser_sessions.read(session, parts, request)
        claims = found.id_token_claims
        if claims is None:
            return _ask(runtime, request, signed_in, found.redirect_uri)
        await _end_lent(session, found.client, claims)
        if signed_in is None or str(signed_in.user_id) == claims["sub"]:
            return await _sign_out(session, parts, signed_in, found.redirect_uri)
    return _ask(runtime, request, signed_in, found.redirect_uri)


async def confirm(runtime: Runtime, session: AsyncSession, request: AnyRequest) -> Response[Any]:
    """Sign out, or not, as the person says."""
    parts, form = parts_of(runtime), await fields(request)
    browser = browser_sessions.browser_of(request, parts) or ""
    demand_own(runtime, request, form, browser, ABOUT)
    if form.get("answer") != "go":
        return redirect(f"{SIGNED_OUT}?still=1")
    target = form.get("return_to") or None
    if target and not hmac.compare_digest(
        form.get("mark", "").encode("utf-8", "replace"), _mark(parts, browser, target)
    ):
        target = None
    return await _sign_out(session, parts, await browser_sessions.read(session, parts, request), target or None)


def _validated(provider: Provider, asked: Asked) -> Any:
    demand_single(asked)
    provider.register_endpoint(EndSession)
    return provider.validate_endpoint_request(EndSession.ENDPOINT_NAME, asked)  # pyright: ignore[reportAttributeAccessIssue]


async def _end_lent(session: AsyncSession, client: Client | None, claims: dict[str, Any]) -> None:
    """End what the client itself was given, even where the browser knows nothing of it any more."""
    if client is None or "sid" not in claims:
        return
    known = {"session_id": UUID(claims["sid"]), "client_id": client.id, "user_id": UUID(claims["sub"])}
    if (found := await session.scalar(LENT, known)) is not None:
        await sessions.end(session, found, "signed-out")


async def _sign_out(
    session: AsyncSession, parts: Parts, signed_in: BrowserSession | None, target: str | None
) -> Response[Any]:
    if signed_in is not None:
        await browser_sessions.end(session, signed_in.id)
    return redirect(target or SIGNED_OUT, browser_sessions.session_cookie("", parts))


def _ask(runtime: Runtime, request: AnyRequest, signed_in: BrowserSession | None, target: str | None) -> Response[Any]:
    """The page that asks; nothing is asked where nobody is signed in."""
    if signed_in is None:
        return redirect(SIGNED_OUT)
    parts = parts_of(runtime)
    browser = browser_sessions.browser_of(request, parts) or browser_sessions.new_secret()
    values: dict[str, Any] = {
        "csrf": csrf(parts, browser, ABOUT),
        "return_to": target or "",
        "mark": _mark(parts, browser, target or "").decode(),
        "client_address": target,
    }
    return page(request, "sign-out", cookies=(browser_sessions.browser_cookie(browser, parts),), **values)


def _mark(parts: Parts, browser: str, target: str) -> bytes:
    """That an address was found good for this browser to go to."""
    return parts.vault.mark("post-logout", browser.encode("utf-8", "replace"), target.encode()).hex().encode()
