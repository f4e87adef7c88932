"""Tools, composed from the operations that run: their names, sentences and types."""

import inspect
from collections.abc import Iterable
from typing import Any, get_type_hints

import msgspec
from chassis.principal import Principal
from litestar import Litestar
from litestar.handlers import HTTPRouteHandler
from mcp.types import Tool

PREFIX = "/api/v5/artifacts/"
NOTHING: dict[str, Any] = {"type": "object", "properties": {}, "additionalProperties": False}
"""What an operation without a body takes."""


class Offered(msgspec.Struct, frozen=True):
    """A tool, the operation behind it, and the scope that an API key needs for it; None is for persons only."""

    tool: Tool
    method: str
    path: str
    scope: str | None
    has_body: bool


def offered(app: Litestar) -> dict[str, Offered]:
    """Every operation of the v5 artifacts by its id."""
    found = [
        _offered(route.path, handler)
        for route in app.routes
        if route.path.startswith(PREFIX)
        for handler in getattr(route, "route_handlers", ())
        if isinstance(handler, HTTPRouteHandler) and handler.opt.get("permission")
    ]
    return {one.tool.name: one for one in found}


def for_caller(tools: Iterable[Offered], principal: Principal) -> list[Tool]:
    """The tools that the caller's credential is not too narrow for; what rows decide is decided by each call."""
    return [one.tool for one in tools if principal.scopes is None or one.scope in principal.scopes]


def _offered(path: str, handler: HTTPRouteHandler) -> Offered:
    function: Any = inspect.unwrap(handler.fn)
    hints = get_type_hints(function)
    body = hints.get("data")
    tool = Tool(
        name=str(handler.operation_id),
        description=inspect.cleandoc(function.__doc__ or ""),
        input_schema=NOTHING if body is None else schema(body),
        output_schema=schema(hints["return"]),
    )
    methods = {str(getattr(one, "value", one)) for one in handler.http_methods} - {"OPTIONS"}
    return Offered(tool, methods.pop(), path, handler.opt.get("scope"), body is not None)


def schema(kind: Any) -> dict[str, Any]:
    """The JSON Schema of a Struct, an object at its root as the protocol demands."""
    whole = msgspec.json.schema(kind)
    definitions = whole.get("$defs", {})
    name = whole["$ref"].rsplit("/", 1)[1]
    others = {key: value for key, value in definitions.items() if key != name}
    return _portable({**definitions[name], **({"$defs": others} if others else {})})


def _portable(value: Any) -> Any:
    r"""Patterns as ECMA 262 writes them: it has `^` and `$` for Python's `\A` and `\Z`."""
    if isinstance(value, dict):
        pairs: Iterable[tuple[str, Any]] = value.items()  # pyright: ignore[reportUnknownVariableType] decoded JSON
        return {
            key: one.replace(r"\A", "^").replace(r"\Z", "$")
            if key == "pattern" and isinstance(one, str)
            else _portable(one)
            for key, one in pairs
        }
    if isinstance(value, list):
        return [_portable(one) for one in value]  # pyright: ignore[reportUnknownVariableType] decoded JSON
    return value
