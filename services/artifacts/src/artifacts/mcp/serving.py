"""The server that lists the tools and calls them, one for each application."""

from importlib.metadata import version
from typing import Any

import msgspec
from litestar import Litestar
from mcp.server.lowlevel import Server
from mcp.types import CallToolRequestParams, CallToolResult, ListToolsResult, PaginatedRequestParams, TextContent
from prometheus_client import Counter

from artifacts.mcp import tools
from artifacts.mcp.calling import Answer, call

INSTRUCTIONS = """Cohorts, profiles, simulations and personas of the caller's organization.
Search before you write: most items can be named by id or by value, and a value that two records have needs the id.
Bulk operations answer with a result for each item; look at `success` and `errors`."""
FIRST_ERROR = 400

called = Counter(
    "muster_artifacts_tool_calls", "Calls of tools, by tool and by what the operation answered", ["tool", "status"]
)


def server(app: Litestar) -> Server[Any]:
    """The server of an application's operations."""
    offered = tools.offered(app)

    async def list_tools(context: Any, _: PaginatedRequestParams | None) -> ListToolsResult:
        return ListToolsResult(tools=tools.for_caller(offered.values(), context.request.scope["principal"]))

    async def call_tool(context: Any, params: CallToolRequestParams) -> CallToolResult:
        one = offered.get(params.name)
        if one is None:
            return _told(f"There is no tool {params.name}.")
        body = msgspec.json.encode(params.arguments or {}) if one.has_body else None
        answer = await call(app, context.request.scope, one.method, one.path, body)
        called.labels(one.tool.name, answer.status).inc()
        return _result(answer)

    return Server(
        "muster",
        version=version("muster-artifacts"),
        instructions=INSTRUCTIONS,
        on_list_tools=list_tools,
        on_call_tool=call_tool,
    )


def _result(answer: Answer) -> CallToolResult:
    """The operation's answer; a refusal is an error that the caller can read and act on."""
    text = TextContent(type="text", text=answer.body.decode())
    if answer.status >= FIRST_ERROR:
        return CallToolResult(content=[text], is_error=True)
    return CallToolResult(content=[text], structured_content=msgspec.json.decode(answer.body))


def _told(message: str) -> CallToolResult:
    return CallToolResult(content=[TextContent(type="text", text=message)], is_error=True)
