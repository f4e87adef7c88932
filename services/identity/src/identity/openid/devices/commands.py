"""A device asks, and a person who typed its code answers (RFC 8628)."""

# Authlib's methods take what any model might be; ours take what our models are.
# pyright: reportIncompatibleMethodOverride=false, reportIncompatibleVariableOverride=false

from typing import Any

from authlib.oauth2.rfc6749 import InvalidScopeError, OAuth2Error, UnauthorizedClientError
from authlib.oauth2.rfc8628 import DEVICE_CODE_GRANT_TYPE
from authlib.oauth2.rfc8628 import DeviceAuthorizationEndpoint as Endpoint
from chassis.runtime import Runtime
from kernel import TooManyRequests
from litestar import Response
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.util import await_only

from identity.oauth2_client_settings.models import OAuth2Client
from identity.openid import browser_sessions
from identity.openid.asking import from_form
from identity.openid.clients import Client
from identity.openid.devices import codes
from identity.openid.interactions import commands
from identity.openid.interactions.commands import Arrival
from identity.openid.interactions.going_on import go_on, redirect
from identity.openid.interactions.requests import Request
from identity.openid.pages import languages
from identity.openid.pages.rendering import page
from identity.openid.pages.visiting import csrf, demand_own, fields
from identity.openid.provider import METHODS, Provider, asked_at, refused
from identity.parts import parts_of
from identity.throttling.budgets import USER_CODE_ADDRESS, USER_CODE_BROWSER
from identity.throttling.callers import AnyRequest, address_prefix
from identity.throttling.commands import demand

ABOUT = "device"
RESULTS = ("connected", "denied", "late")
LONGEST_CODE = 20


class DeviceAuthorization(Endpoint):
    """Authlib's endpoint, with codes that are kept as marks."""

    CLIENT_AUTH_METHODS = METHODS
    EXPIRES_IN = int(codes.LIVES.total_seconds())
    INTERVAL = codes.INTERVAL
    server: Provider

    def authenticate_client(self, request: Any) -> Client:
        """The client. Raises UnauthorizedClientError or InvalidScopeError for what it may not."""
        client = self.server.authenticate_client(request, self.CLIENT_AUTH_METHODS, self.ENDPOINT_NAME)
        if not client.check_grant_type(DEVICE_CODE_GRANT_TYPE):
            raise UnauthorizedClientError("The client may not use this grant.")
        if client.get_allowed_scope(request.payload.scope) is None:
            raise InvalidScopeError
        self.client = client
        return client

    def generate_device_code(self) -> str:
        """256 random bits."""
        return browser_sessions.new_secret()

    def generate_user_code(self) -> str:
        """What a person types."""
        return codes.new_user_code()

    def get_verification_uri(self) -> str:
        """Where they type it."""
        return f"{self.server.issuer}/oauth2/device"

    def save_device_credential(self, client_id: str, scope: str, data: dict[str, Any]) -> None:
        """Keep the request."""
        _ = client_id
        wanted, server = list(dict.fromkeys(scope.split())), self.server
        kept = codes.issue(server.session, server.parts, self.client, data["device_code"], data["user_code"], wanted)
        await_only(kept)


async def ask(runtime: Runtime, session: AsyncSession, request: AnyRequest) -> Response[Any]:
    """A device's request: two codes, or an error of OAuth 2."""
    provider = Provider(runtime, session)
    try:
        asked = await from_form(request)
    except OAuth2Error as error:
        return refused(error)
    provider.register_endpoint(DeviceAuthorization)
    return await asked_at(provider, asked, DeviceAuthorization.ENDPOINT_NAME)


def show(runtime: Runtime, request: AnyRequest) -> Response[Any]:
    """The page that asks for the code, or that says what came of it."""
    result = request.query_params.get("result", "")
    if result in RESULTS:
        return page(request, "device-result", result=result)
    return _asking(runtime, request, request.query_params.get("user_code", "")[:LONGEST_CODE], None, 200)


async def type_code(runtime: Runtime, session: AsyncSession, request: AnyRequest) -> Response[Any]:
    """Begin the interaction of the device whose code was typed; the page again where there is none."""
    parts, form = parts_of(runtime), await fields(request)
    browser, typed = browser_sessions.browser_of(request, parts) or "", form.get("user_code", "")[:LONGEST_CODE]
    request.state.ui_locales = [form.get("ui_locales", "")]
    demand_own(runtime, request, form, browser, ABOUT)
    try:
        await demand(runtime, (USER_CODE_BROWSER, browser), (USER_CODE_ADDRESS, address_prefix(request)))
    except TooManyRequests as error:
        return _asking(runtime, request, typed, error.detail, error.status)
    found = await codes.find(session, parts, typed)
    if found is None:
        return _asking(runtime, request, typed, "No device waits with this code. Look at it again.", 400)
    client = await session.get_one(OAuth2Client, found.client_id)
    arrival = Arrival(browser, await browser_sessions.read(session, parts, request))
    wanted = Request(scopes=found.scopes, prompt=["consent"], ui_locales=[languages.choose(request)])
    interaction = await commands.open_(session, client, wanted, arrival, device_code=found.hash)
    return redirect(await go_on(session, parts, interaction))


def _asking(runtime: Runtime, request: AnyRequest, typed: str, problem: str | None, status: int) -> Response[Any]:
    parts = parts_of(runtime)
    browser = browser_sessions.browser_of(request, parts) or browser_sessions.new_secret()
    cookies = (browser_sessions.browser_cookie(browser, parts),)
    values = {"csrf": csrf(parts, browser, ABOUT), "user_code": typed, "problem": problem}
    return page(request, "device", status=status, cookies=cookies, **values)
