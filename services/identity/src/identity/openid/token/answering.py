"""What the token endpoint answers."""

from typing import Any

from authlib.oauth2.rfc6749 import OAuth2Error
from chassis.runtime import Runtime
from litestar import Response
from sqlalchemy.ext.asyncio import AsyncSession

from identity.openid.asking import Asked, demand_single, from_form
from identity.openid.provider import Provider, answered, asked_at, refused
from identity.openid.token.grants import equip
from identity.throttling.callers import AnyRequest


async def answer(runtime: Runtime, session: AsyncSession, request: AnyRequest) -> Response[Any]:
    """Tokens, or an error of OAuth 2."""
    try:
        asked = await from_form(request)
    except OAuth2Error as error:
        return refused(error)
    return await exchange(equip(Provider(runtime, session)), asked)


async def exchange(provider: Provider, asked: Asked) -> Response[Any]:
    """What a request that was read gets."""

    def work() -> Any:
        demand_single(asked)
        return provider.create_token_response(asked)

    return await answered(provider, asked, work)


async def look_up(runtime: Runtime, session: AsyncSession, request: AnyRequest, endpoint: type[Any]) -> Response[Any]:
    """What an endpoint about tokens answers: `Introspection` or `Revocation`."""
    provider = Provider(runtime, session)
    try:
        asked = await from_form(request)
    except OAuth2Error as error:
        return refused(error)
    provider.register_endpoint(endpoint)
    return await asked_at(provider, asked, endpoint.ENDPOINT_NAME)
