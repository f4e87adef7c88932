"""Where the browser goes next: to a page, or back to the client with the answer."""

from typing import Any
from urllib.parse import urlencode

from authlib.common.urls import add_params_to_uri
from litestar import Response
from litestar.datastructures import Cookie
from sqlalchemy.ext.asyncio import AsyncSession

from identity.openid import codes
from identity.openid.devices import codes as devices
from identity.openid.interactions import commands, queries
from identity.openid.interactions.models import Interaction
from identity.openid.interactions.queries import Step
from identity.openid.interactions.requests import Request
from identity.parts import Parts
from identity.sessions.proofs import ONE_FACTOR
from identity.users.visibility import belongs

PAGES: dict[Step, str] = {
    "sign-in": "/oauth2/sign-in",
    "second-factor": "/oauth2/second-factor",
    "documents": "/oauth2/documents",
    "consent": "/oauth2/consent",
}
SILENT: dict[Step, str] = {
    "sign-in": "login_required",
    "second-factor": "login_required",
    "documents": "interaction_required",
    "consent": "consent_required",
}
SEE_OTHER = 303
HEADERS = {"cache-control": "no-store", "referrer-policy": "no-referrer"}


def redirect(address: str, *cookies: Cookie) -> Response[Any]:
    """Send the browser on. 303, so that a password that was just posted is never posted on (RFC 9700, section 4.12)."""
    return Response(b"", status_code=SEE_OTHER, headers=HEADERS | {"location": address}, cookies=list(cookies))


async def go_on(session: AsyncSession, parts: Parts, interaction: Interaction) -> str:
    """The address of what comes next. When nothing is missing the interaction ends, and the address is the client's."""
    step, request = await queries.next_step(session, interaction), queries.request_of(interaction)
    if step == "finish":
        return await _finish(session, parts, interaction, request)
    if step == "sign-in" and _is_settled(interaction, request):
        return await refuse(session, parts, interaction, "login_required", "Somebody else has signed in.")
    if "none" in request.prompt:
        return await refuse(session, parts, interaction, SILENT[step])
    return f"{PAGES[step]}?interaction={interaction.id}"


async def refuse(
    session: AsyncSession, parts: Parts, interaction: Interaction, error: str, description: str = ""
) -> str:
    """End an interaction without what the client asked for; the address that tells it so."""
    if not await commands.close(session, interaction):
        return "/oauth2/ended"
    if interaction.device_code is not None:
        await devices.settle(session, interaction, "denied")
        return _device_page("denied", queries.request_of(interaction))
    told = {"error": error} | ({"error_description": description} if description else {})
    return answer(parts, queries.request_of(interaction), told)


def answer(parts: Parts, request: Request, told: dict[str, str]) -> str:
    """The client's address with the answer, its state and who answers (RFC 9207)."""
    state = {"state": request.state} if request.state is not None else {}
    whole = told | state | {"iss": parts.settings.public_url}
    return add_params_to_uri(str(request.redirect_uri), list(whole.items()))


def _is_settled(interaction: Interaction, request: Request) -> bool:
    """Whether somebody has signed in for this request who is not the one that it is about."""
    signed_in = interaction.auth_time is not None and interaction.auth_time >= interaction.created_at
    return signed_in and queries.is_another(interaction, request)


async def _finish(session: AsyncSession, parts: Parts, interaction: Interaction, request: Request) -> str:
    if not await belongs(session, interaction.user_id, interaction.organization_id):
        reason = "This account does not belong to the organization of the application."
        return await refuse(session, parts, interaction, "access_denied", reason)
    if request.acr_demanded and not {ONE_FACTOR, interaction.acr} & set(request.acr_demanded):
        reason = "The account has no second factor."
        return await refuse(session, parts, interaction, "unmet_authentication_requirements", reason)
    if not await commands.close(session, interaction):
        return "/oauth2/ended"
    if interaction.device_code is not None:
        settled = await devices.settle(session, interaction, "approved")
        return _device_page("connected" if settled else "late", request)
    code = await codes.issue(session, interaction, request, request.scopes)
    return answer(parts, request, {"code": code})


def _device_page(result: str, request: Request) -> str:
    """The page that says what became of a device, in the language of those before it."""
    return f"/oauth2/device?{urlencode({'result': result, 'ui_locales': ' '.join(request.ui_locales)})}"
