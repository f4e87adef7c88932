"""Calling an operation of this process as its caller would call it over HTTP."""

import asyncio
from typing import Any

import msgspec
from litestar import Litestar

CREDENTIALS = frozenset({b"authorization", b"x-muster-principal"})
CARRIED = CREDENTIALS | {b"x-request-id", b"traceparent", b"tracestate", b"user-agent"}
"""Headers of the request to the tool that go on to the operation: whose it is, and what it belongs to."""


class Answer(msgspec.Struct, frozen=True):
    """What the operation answered."""

    status: int
    body: bytes


async def call(app: Litestar, origin: Any, method: str, path: str, body: bytes | None) -> Answer:
    """The operation's answer to the caller of `origin`, an ASGI scope; it goes the whole way, guard and limits too.

    It runs in a task of its own, so what it leaves in context variables stays its own.
    """
    return await asyncio.create_task(_call(app, _scope(origin, method, path, body), body))


async def _call(app: Litestar, scope: Any, body: bytes | None) -> Answer:
    sent: list[Any] = []
    waiting = [{"type": "http.request", "body": body or b"", "more_body": False}]

    async def receive() -> Any:
        return waiting.pop() if waiting else {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(message)

    await app(scope, receive, send)
    status = next(one["status"] for one in sent if one["type"] == "http.response.start")
    return Answer(status, b"".join(one.get("body", b"") for one in sent if one["type"] == "http.response.body"))


def _scope(origin: Any, method: str, path: str, body: bytes | None) -> dict[str, Any]:
    headers = [(name, value) for name, value in origin["headers"] if name in CARRIED]
    headers += [(b"x-mcp", b"true"), (b"accept", b"application/json")]
    if body is not None:
        headers += [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": method,
        "scheme": origin.get("scheme", "http"),
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": headers,
        "client": origin.get("client"),
        "server": origin.get("server"),
        "extensions": {},
        "state": {},
    }
