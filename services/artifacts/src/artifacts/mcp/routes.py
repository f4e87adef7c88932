"""`/mcp`: the Model Context Protocol over streamable HTTP."""

import logging
from typing import Any

from chassis.app import LARGEST_BODY
from chassis.permissions import authenticate
from contracts.permissions import PUBLIC
from kernel import DomainError
from litestar import asgi
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager

from artifacts.mcp.serving import server

KEY = "mcp-server"
logging.getLogger("mcp").setLevel(logging.WARNING)  # it tells of each request


@asgi("/mcp", copy_scope=True, opt={"permission": PUBLIC})
async def mcp(scope: Any, receive: Any, send: Any) -> None:
    """Tools for what the v5 operations do, under the caller's own permissions: a token or an API key as everywhere.

    Each request stands for itself: there is no session and no stream from the server, so any replica may answer.
    The guard lets everybody through, for a route of this kind has no scope of its own; the credential is demanded here.
    """
    runtime = scope["litestar_app"].state.runtime
    scope["principal"] = await authenticate(scope["muster"], runtime, optional=False)
    if scope["method"] != "POST":
        raise DomainError("Only POST: there is no session and no stream.", code="method-not-allowed", status=405)
    if KEY not in runtime.extras:
        runtime.extras[KEY] = server(scope["litestar_app"])
    manager = StreamableHTTPSessionManager(
        runtime.extras[KEY], json_response=True, stateless=True, max_request_body_size=LARGEST_BODY
    )
    async with manager.run():
        await manager.handle_request(scope, receive, send)


ROUTES = [mcp]
