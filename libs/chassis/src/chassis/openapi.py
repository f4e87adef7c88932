"""The service's OpenAPI document: Litestar's, finished with what our decorators declare.

Query parameters come from the parameter Structs, paths end as the contract's do, components have short names, and
every operation names its permission and the errors it may answer.
"""

import re
from typing import Any

import msgspec
from contracts.permissions import PUBLIC
from litestar import Litestar
from litestar.handlers import HTTPRouteHandler

from chassis.errors import DIALECTS

SLASHED = ("/v1", "/v2", "/api/projects", "/api/cohort")
ERRORS = {
    "400": "The request is wrong; every problem is named.",
    "401": "The credential is missing or does not count.",
    "403": "The caller may not do this.",
    "404": "There is no such resource, or none that the caller may know of.",
    "409": "The present state does not allow it.",
    "413": "The body is too large.",
    "422": "The idempotency key was used with another body.",
    "429": "A budget is used up.",
    "503": "A part that the answer needs is out of reach.",
}


def openapi_document(app: Litestar, name: str) -> dict[str, Any]:
    """The document of an application, ready to be merged with the others."""
    document = app.openapi_schema.to_schema()
    handlers = _handlers(app)
    paths: dict[str, Any] = {}
    for path, item in document.get("paths", {}).items():
        for operation in item.values():
            handler = handlers.get(operation.get("operationId"))
            if handler is not None:
                _finish(operation, handler, path)
        paths[published(path)] = item
    schemas, names = _shorten(document.get("components", {}).get("schemas", {}))
    finished = {
        **document,
        "info": {"title": f"Muster: {name}", "version": "1"},
        "paths": paths,
        "components": {"schemas": schemas, "securitySchemes": _security_schemes()},
    }
    return _renamed(finished, names)


def published(path: str) -> str:
    """The path as the contract writes it: the identity and projects dialects end in a slash."""
    ends = path.startswith(SLASHED) and not path.startswith("/api/v1") and not path.endswith("/")
    return f"{path}/" if ends else path


def _handlers(app: Litestar) -> dict[str, HTTPRouteHandler]:
    return {
        handler.operation_id: handler
        for route in app.routes
        for handler in getattr(route, "route_handlers", ())
        if isinstance(handler, HTTPRouteHandler) and isinstance(handler.operation_id, str)
    }


def _finish(operation: dict[str, Any], handler: HTTPRouteHandler, path: str) -> None:
    permission = handler.opt.get("permission")
    if (query := handler.opt.get("query")) is not None:
        operation["parameters"] = [*operation.get("parameters", ()), *_parameters(query)]
    if (body := handler.opt.get("body")) is not None:
        operation["requestBody"] = {"content": {"application/json": {"schema": _whole(body)}}, "required": True}
    if permission == PUBLIC:
        operation["security"] = []
    else:
        operation["security"] = [{"bearer": []}] + ([{"apiKey": []}] if handler.opt.get("scope") else [])
    operation["x-permission"] = permission
    if scope := handler.opt.get("scope"):
        operation["x-scope"] = scope
    operation["tags"] = operation.get("tags") or [_resource(path)]
    media = "application/problem+json" if path.startswith(tuple(p for p, _ in DIALECTS[:2])) else "application/json"
    answers = operation.setdefault("responses", {})
    answers.pop("400", None)
    for status, text in ERRORS.items():
        answers.setdefault(status, {"description": text, "content": {media: {"schema": _error_schema(path)}}})


def _resource(path: str) -> str:
    """The resource that a path is about, as a heading: `/v1/role-users/{id}` is about role users."""
    return path.split("/")[2].replace("-", " ").capitalize()


def _parameters(query: type[Any]) -> list[dict[str, Any]]:
    """One `in: query` parameter a field of the Struct."""
    schema = msgspec.json.schema(query)
    (properties, required) = _struct(schema)
    return [
        {"name": name, "in": "query", "required": name in required, "schema": _inlined(part, schema.get("$defs", {}))}
        for name, part in properties.items()
    ]


def _whole(kind: type[Any]) -> dict[str, Any]:
    """The schema of a type, with what it refers to in place."""
    schema = msgspec.json.schema(kind)
    return _inlined({"$ref": schema["$ref"]}, schema["$defs"])


def _struct(schema: dict[str, Any]) -> tuple[dict[str, Any], list[str]]:
    target = schema["$defs"][schema["$ref"].rsplit("/", 1)[1]] if "$ref" in schema else schema
    return target.get("properties", {}), target.get("required", [])


def _inlined(part: Any, definitions: dict[str, Any]) -> Any:
    if isinstance(part, dict):
        if "$ref" in part:
            return _inlined(definitions[part["$ref"].rsplit("/", 1)[1]], definitions)
        return {key: _inlined(value, definitions) for key, value in part.items()}
    if isinstance(part, list):
        return [_inlined(value, definitions) for value in part]
    return part


def _shorten(schemas: dict[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """`Document_typing.Literal_users_users.schemas.UserAttributes_` becomes `UserDocument` where that is free."""
    names: dict[str, str] = {}
    taken: set[str] = set()
    for long in sorted(schemas):
        short = _short(long)
        while short in taken:
            short = f"{short}_"
        taken.add(short)
        names[long] = short
    return {names[long]: {**_with_rows(schema), "title": names[long]} for long, schema in schemas.items()}, names


def _with_rows(schema: dict[str, Any]) -> dict[str, Any]:
    """A page by cursor tells its rows' schema under the keyword `items`, too, as an array does.

    Readers that look for a list's element find it there; validators pass over the keyword in an object.
    """
    properties = schema.get("properties", {})
    return schema | {"items": properties["items"]["items"]} if {"items", "next_cursor"} <= properties.keys() else schema


def _short(long: str) -> str:
    """The name without modules; of a generic, what it holds before what it is: `NewUser` and `NewDocument`."""
    wrapper, generic, rest = long.partition("_typing.Literal_")
    inner = re.sub(r"[^A-Za-z0-9]", "", (rest if generic else long).rsplit(".", 1)[-1])
    if not generic:
        return inner
    for word in ("New", "Changed", "Change"):
        wrapper = wrapper.removeprefix(word)
    return f"{inner.removesuffix('Attributes')}{wrapper}"


def _renamed(node: Any, names: dict[str, str]) -> Any:
    if isinstance(node, dict):
        return {
            key: f"#/components/schemas/{names[value.rsplit('/', 1)[1]]}"
            if key == "$ref" and isinstance(value, str) and value.rsplit("/", 1)[1] in names
            else _renamed(value, names)
            for key, value in node.items()
        }
    if isinstance(node, list):
        return [_renamed(value, names) for value in node]
    return node


def _security_schemes() -> dict[str, Any]:
    return {
        "bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
        "apiKey": {"type": "apiKey", "in": "header", "name": "X-Api-Key"},
    }


def _error_schema(path: str) -> dict[str, Any]:
    text = {"type": "string"}
    if path.startswith(("/api/projects", "/api/cohort")):
        nullable = {"type": ["string", "null"]}
        return {"type": "object", "properties": {"type": text, "code": text, "detail": text, "attr": nullable}}
    if path.startswith("/oauth2"):
        return {"type": "object", "properties": {"error": text, "error_description": text}}
    if path.startswith("/api/"):
        return {
            "type": "object",
            "properties": {"type": text, "title": text, "status": {"type": "integer"}, "detail": text},
        }
    problem = {
        "type": "object",
        "properties": {"status": text, "code": text, "detail": text, "source": {"type": "object"}},
    }
    return {"type": "object", "properties": {"errors": {"type": "array", "items": problem}}}
