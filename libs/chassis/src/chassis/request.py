"""The request: a body that arrived in one piece is taken as it is."""

from typing import Any

from litestar import Request
from litestar.exceptions import HTTPException
from litestar.types import Empty, HTTPReceiveMessage

TOO_LARGE = 413


class WholeRequest(Request[Any, Any, Any]):
    """Litestar's request; it reads a small body without a stream, which would cost more than what most routes do."""

    async def body(self) -> bytes:
        """The whole body. Raises HTTPException (413) where it is longer than the route allows."""
        if self._body is not Empty or self._connection_state.body is not Empty or not self.is_connected:
            return await super().body()
        first: Any = await self.receive()
        if first["type"] != "http.request" or first.get("more_body", False):
            self.receive = _again(first, self.receive)
            return await super().body()
        body: bytes = first.get("body", b"")
        longest = self.route_handler.resolve_request_max_body_size()
        if longest and len(body) > longest:
            raise HTTPException(status_code=TOO_LARGE, detail="Request Entity Too Large")
        self.is_connected = False
        self._body = self._connection_state.body = body
        return body


def _again(first: HTTPReceiveMessage, receive: Any) -> Any:
    """`receive` with a message put back."""
    waiting = [first]

    async def following() -> Any:
        return waiting.pop() if waiting else await receive()

    return following
