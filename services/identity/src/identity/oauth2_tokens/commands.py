"""The code grant under its old name: the same grant, errors as this dialect writes them."""

from typing import Any

import msgspec
from authlib.oauth2.rfc6749 import OAuth2Error
from chassis.runtime import Runtime
from kernel import DomainError
from litestar import Response
from sqlalchemy.ext.asyncio import AsyncSession

from identity.oauth2_tokens.schemas import CodeGrant
from identity.openid.asking import Asked
from identity.openid.provider import Provider, run
from identity.openid.token.grants import equip

ENDPOINT = "oauth2-tokens"


class OldName(Provider):
    """The provider when it is asked by the old name."""

    def authenticate_client(self, request: Asked, methods: list[str], endpoint: str = "token") -> Any:
        """Any client that has a secret."""
        _ = endpoint
        return super().authenticate_client(request, methods, ENDPOINT)


class NotExchanged(DomainError):
    """The code was not exchanged. What became of it on the way stays so."""

    keeps_writes = True


async def create(runtime: Runtime, session: AsyncSession, asked: CodeGrant) -> Response[Any]:
    """Tokens. Raises NotExchanged, with OAuth 2's error as its code."""
    given = {name: value for name, value in msgspec.structs.asdict(asked).items() if value is not None}
    provider = equip(OldName(runtime, session))
    body = await run(_exchanged, provider, Asked("POST", "/v1/oauth2-tokens", {}, list(given.items())))
    return Response(body, status_code=201, headers={"cache-control": "no-store"})


def _exchanged(provider: Provider, asked: Asked) -> Any:
    try:
        grant: Any = provider.get_token_grant(asked)
        grant.validate_token_request()
        return grant.create_token_response()[1]
    except OAuth2Error as error:
        detail = error.get_error_description() or "The code was not exchanged."
        raise NotExchanged(detail, code=str(error.error).replace("_", "-"), status=error.status_code) from error
