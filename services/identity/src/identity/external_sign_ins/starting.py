"""Sending a browser to an identity provider."""

from datetime import timedelta
from typing import NamedTuple
from uuid import UUID

from chassis.runtime import Runtime
from kernel import Invalid, uuid7
from litestar import Response
from sqlalchemy import func
from sqlalchemy.ext.asyncio import AsyncSession

from identity.external_sign_ins import oidc, saml
from identity.external_sign_ins.models import ExternalSignIn
from identity.identity_providers import addresses
from identity.identity_providers.models import IdentityProvider
from identity.openid import browser_sessions
from identity.openid.interactions import queries as interactions
from identity.openid.interactions.going_on import redirect
from identity.parts import parts_of
from identity.throttling.budgets import EXTERNAL_ADDRESS
from identity.throttling.callers import AnyRequest, address_prefix
from identity.throttling.commands import demand

LIVES = timedelta(minutes=15)
NO_STORE = {"cache-control": "no-store", "referrer-policy": "no-referrer"}


class Way(NamedTuple):
    """What is wanted: where to go afterwards, whom to ask for, a SMART launch, the page that sent the browser here."""

    next: str | None = None
    login_hint: str | None = None
    launch: str | None = None
    interaction_id: UUID | None = None


def unknown_state() -> Invalid:
    """The one answer for a way that nobody is on, in this browser or any more."""
    return Invalid(
        "This sign-in was not begun here, is over or took too long.", parameter="state", code="invalid-state"
    )


async def begin(runtime: Runtime, request: AnyRequest, provider: IdentityProvider, way: Way) -> Response[None]:
    """Remember a way through a provider and send the browser there. Raises Invalid or TooManyRequests."""
    parts = parts_of(runtime)
    await demand(runtime, (EXTERNAL_ADDRESS, address_prefix(request)))
    browser = browser_sessions.browser_of(request, parts) or browser_sessions.new_secret()
    row = ExternalSignIn(
        id=uuid7(),
        provider_id=provider.id,
        browser=browser_sessions.digest(browser),
        next=_next(provider, way),
        interaction_id=way.interaction_id,
        expires_at=func.clock_timestamp() + LIVES,
    )
    async with runtime.sessions.begin() as session:
        fresh = await _wants_fresh(session, way.interaction_id, browser)
        url = _address(runtime, provider, row, way, fresh=fresh)
        session.add(row)
    return redirect(url, browser_sessions.browser_cookie(browser, parts))


def _address(runtime: Runtime, provider: IdentityProvider, row: ExternalSignIn, way: Way, *, fresh: bool) -> str:
    if provider.protocol == "saml":
        url, row.request_id = saml.request(runtime, provider, row.id, way.login_hint, fresh=fresh)
        return url
    own = oidc.new_secrets()
    row.nonce = own.nonce
    row.verifier = parts_of(runtime).vault.seal(own.verifier.encode(), f"external-sign-in:{row.id}")
    return oidc.address(runtime, provider, str(row.id), own, oidc.Wishes(way.login_hint, way.launch, fresh))


def _next(provider: IdentityProvider, way: Way) -> str | None:
    """Where the browser goes with a one-time code: the wanted address if it is registered, else the first one."""
    if way.interaction_id is not None:
        return None
    if way.next is None:
        return next(iter(provider.redirect_addresses), None)
    if not addresses.allowed(provider, way.next):
        raise Invalid("This address is not registered.", parameter="next", code="address-not-allowed")
    return way.next


async def _wants_fresh(session: AsyncSession, interaction_id: UUID | None, browser: str) -> bool:
    """Whether a client wants the person to show themselves anew. Raises Invalid for another browser's interaction."""
    if interaction_id is None:
        return False
    found = await interactions.find(session, interaction_id, browser)
    if found is None:
        raise Invalid("There is no such interaction in this browser.", parameter="interaction", code="invalid-state")
    asked = interactions.request_of(found)
    return "login" in asked.prompt or asked.max_age is not None
