"""Request headers of the v5 dialect."""

from typing import Annotated

from litestar.params import HeaderParameter

Mcp = Annotated[
    str | None,
    HeaderParameter(name="X-MCP", description="`true` marks a write that came through MCP.", required=False),
]


def is_mcp(header: str | None) -> bool:
    """Whether the header marks the request."""
    return (header or "").strip().lower() == "true"
