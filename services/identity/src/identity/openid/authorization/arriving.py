"""A browser arrives with a client's request."""

from typing import Any

from authlib.common.urls import add_params_to_uri
from authlib.oauth2.rfc6749 import InvalidRequestError, OAuth2Error
from chassis.runtime import Runtime
from litestar import Response
from sqlalchemy.ext.asyncio import AsyncSession

from identity.oauth2_client_settings.models import OAuth2Client
from identity.openid import browser_sessions
from identity.openid.asking import Asked, from_form, from_query
from identity.openid.authorization.pushing import taken
from identity.openid.authorization.understanding import Understood, understand
from identity.openid.interactions import commands
from identity.openid.interactions.commands import Arrival
from identity.openid.interactions.going_on import go_on, redirect
from identity.openid.provider import Provider, run
from identity.openid.token.grants import equip
from identity.parts import parts_of
from identity.throttling.budgets import AUTHORIZE_ADDRESS
from identity.throttling.callers import AnyRequest, address_prefix
from identity.throttling.commands import demand


async def arrive(runtime: Runtime, request: AnyRequest) -> Response[Any]:
    """Send the browser to what comes first, or back to the client with an error.

    Raises OAuth2Error where the client is not known, or its address is not: then nobody is sent anywhere.
    """
    await demand(runtime, (AUTHORIZE_ADDRESS, address_prefix(request)))
    try:
        async with runtime.sessions.begin() as session:
            return await _arrive(runtime, session, request)
    except OAuth2Error as error:
        if not error.redirect_uri:
            raise
        told = [*((name, str(value)) for name, value in error.get_body()), ("iss", runtime.common.public_url)]
        return redirect(add_params_to_uri(error.redirect_uri, told))


async def _arrive(runtime: Runtime, session: AsyncSession, request: AnyRequest) -> Response[Any]:
    parts = parts_of(runtime)
    asked = await from_form(request) if request.method == "POST" else from_query(request)
    understood = await _understood(runtime, session, asked)
    browser = browser_sessions.browser_of(request, parts) or browser_sessions.new_secret()
    arrival = Arrival(browser, await browser_sessions.read(session, parts, request))
    client = await session.get_one(OAuth2Client, understood.client.id)
    interaction = await commands.open_(session, client, understood.request, arrival)
    address = await go_on(session, parts, interaction)
    return redirect(address, browser_sessions.browser_cookie(browser, parts))


async def _understood(runtime: Runtime, session: AsyncSession, asked: Asked) -> Understood:
    pushed = await taken(session, asked)
    found = await run(understand, equip(Provider(runtime, session)), pushed or asked)
    if pushed is None and found.client.pushed_only:
        address, state = found.request.redirect_uri, found.request.state
        raise InvalidRequestError("This client has to push its requests.", redirect_uri=address, state=state)
    return found
