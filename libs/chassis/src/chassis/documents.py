"""`/openapi.json` of one service."""

from functools import cache
from typing import Any

import msgspec
from contracts.permissions import PUBLIC
from litestar import Litestar, Request, Response
from litestar import get as litestar_get

from chassis.openapi import openapi_document


def openapi_route(name: str) -> Any:
    """The route that answers the service's document, made once."""

    @cache
    def rendered(app: Litestar) -> bytes:
        return msgspec.json.encode(openapi_document(app, name))

    @litestar_get("/openapi.json", opt={"permission": PUBLIC}, include_in_schema=False)
    async def openapi(request: Request[Any, Any, Any]) -> Response[bytes]:
        return Response(rendered(request.app), media_type="application/json")

    return openapi
