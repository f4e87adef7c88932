"""Describing an artifact from the code that runs: its tables, functions and operations."""

import inspect
from collections.abc import Callable, Iterable, Sequence
from typing import Any, get_type_hints

import msgspec
from litestar import Litestar
from litestar.handlers import HTTPRouteHandler
from sqlalchemy.dialects import postgresql

from artifacts.v5.docs_schemas import ColumnInfo, DocsResponse, OperationInfo, ParamInfo, TableInfo

DIALECT = postgresql.dialect()
PLUMBING = frozenset({"session", "actor", "runtime", "principal", "request", "x_mcp"})
"""Arguments that no caller gives."""
REF = "#/$defs/{name}"


def part(
    name: str, kind: str, description: str, models: Iterable[Any] = (), functions: Iterable[Callable[..., Any]] = ()
) -> DocsResponse:
    """A part of an artifact, its tables from the models and its operations from the functions."""
    return DocsResponse(
        name=name,
        type=kind,
        description=description,
        tables=[table(model) for model in models],
        operations=[function_info(one) for one in functions],
    )


def table(model: Any) -> TableInfo:
    """A model's table."""
    columns = [
        ColumnInfo(name=one.name, type=one.type.compile(dialect=DIALECT).lower(), nullable=bool(one.nullable))
        for one in model.__table__.columns
    ]
    return TableInfo(name=model.__table__.name, columns=columns)


def function_info(function: Callable[..., Any]) -> OperationInfo:
    """A function of ours: its sentence, its parameters and what it gives."""
    signature = inspect.signature(function)
    params = [
        ParamInfo(
            name=one.name,
            type=_written(one.annotation),
            required=one.default is one.empty,
            default=None if one.default is one.empty else one.default,
        )
        for one in signature.parameters.values()
        if one.name not in PLUMBING
    ]
    returns = {"type": _written(signature.return_annotation)}
    return OperationInfo(name=function.__name__, description=_sentence(function), params=params, returns=returns)


def api_operations(app: Litestar, prefixes: Sequence[str]) -> list[OperationInfo]:
    """The operations below some paths, in the order of their paths."""
    found = [
        (route.path, handler)
        for route in app.routes
        for handler in getattr(route, "route_handlers", ())
        if isinstance(handler, HTTPRouteHandler)
        and handler.opt.get("permission")
        and route.path.startswith(tuple(prefixes))
    ]
    return [_operation(path, handler) for path, handler in sorted(found, key=lambda one: one[0])]


def _operation(path: str, handler: HTTPRouteHandler) -> OperationInfo:
    function: Any = inspect.unwrap(handler.fn)
    hints = get_type_hints(function)
    method = next(str(getattr(one, "value", one)) for one in handler.http_methods if str(one) != "OPTIONS")
    body = hints.get("data")
    return OperationInfo(
        name=str(handler.operation_id),
        description=f"{method} {path}: {_sentence(function)}",
        params=_params(body) if body is not None else [],
        returns=_schema(hints["return"]),
    )


def _params(body: Any) -> list[ParamInfo]:
    schema = _schema(body)
    whole = _target(schema, schema.get("$defs", {}))
    required = set(whole.get("required", ()))
    return [
        ParamInfo(name=name, type=_type(one), required=name in required, default=one.get("default"))
        for name, one in whole.get("properties", {}).items()
    ]


def _schema(kind: Any) -> dict[str, Any]:
    try:
        return msgspec.json.schema(kind)
    except TypeError:  # an answer that is no JSON, such as a file
        return {"type": "string", "format": "binary"}


def _target(schema: dict[str, Any], definitions: dict[str, Any]) -> dict[str, Any]:
    return definitions[schema["$ref"].rsplit("/", 1)[1]] if "$ref" in schema else schema


def _type(schema: dict[str, Any]) -> str:
    """The type as the pages write it: `string[] | null`."""
    if "anyOf" in schema:
        return " | ".join(_type(one) for one in schema["anyOf"])
    if "$ref" in schema:
        return str(schema["$ref"]).rsplit("/", 1)[1]
    if schema.get("type") == "array":
        return f"{_type(schema.get('items', {}))}[]"
    return str(schema.get("type", "any"))


def _written(annotation: Any) -> str:
    if annotation is inspect.Signature.empty:
        return "any"
    return annotation.__name__ if isinstance(annotation, type) else str(annotation).replace("typing.", "")


def _sentence(documented: Any) -> str:
    return " ".join((inspect.getdoc(documented) or "").split("\n\n", 1)[0].split())
