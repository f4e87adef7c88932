"""Taking in an OpenID Provider's answer."""

from typing import Any
from urllib.parse import urlencode

from chassis.runtime import Runtime
from kernel import Invalid, Unauthorized
from litestar import Response

from identity.external_sign_ins import commands, oidc
from identity.external_sign_ins.models import ExternalSignIn
from identity.external_sign_ins.starting import unknown_state
from identity.identity_providers import queries
from identity.oauth2_redirector.schemas import RedirectQuery
from identity.openid import browser_sessions
from identity.openid.interactions.going_on import redirect
from identity.parts import parts_of
from identity.throttling.budgets import EXTERNAL_ADDRESS
from identity.throttling.callers import AnyRequest, address_prefix
from identity.throttling.commands import demand

KNOWN = frozenset(
    {"access_denied", "login_required", "interaction_required", "temporarily_unavailable", "server_error"}
)


async def answered(runtime: Runtime, request: AnyRequest, asked: RedirectQuery) -> Response[Any]:
    """Sign in who came back. Raises Invalid, Forbidden, Unauthorized, NotFound or Unavailable."""
    with commands.counted("oidc"):
        return await _answered(runtime, request, asked)


async def _answered(runtime: Runtime, request: AnyRequest, asked: RedirectQuery) -> Response[Any]:
    parts = parts_of(runtime)
    await demand(runtime, (EXTERNAL_ADDRESS, address_prefix(request)))
    row = await commands.take(runtime, asked.state, browser_sessions.browser_of(request, parts) or "")
    if row.verifier is None or row.nonce is None:
        raise unknown_state()
    async with runtime.reads() as session:
        provider = await queries.enabled(session, row.provider_id)
    oidc.check_issuer(provider, asked.iss)
    if asked.error is not None:
        return _denied(row, asked.error)
    if not asked.code:
        raise Invalid("The identity provider sent no code.", parameter="code", code="required")
    verifier = parts.vault.open_sealed(row.verifier, f"external-sign-in:{row.id}").decode()
    claimed = await oidc.claimed(runtime, provider, asked.code, oidc.Secrets(row.nonce, verifier))
    return await commands.came_back(runtime, request, provider, row, claimed)


def _denied(row: ExternalSignIn, error: str) -> Response[Any]:
    """Tell the application, where there is one, that nobody signed in."""
    known = error if error in KNOWN else "access_denied"
    if row.next is None:
        raise Unauthorized("Nobody signed in at the identity provider.", code="provider-refused", meta={"error": known})
    return redirect(f"{row.next}{'&' if '?' in row.next else '?'}{urlencode({'error': known})}")
