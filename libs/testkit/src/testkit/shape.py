"""The shape every service keeps, so that a URL leads to its code in one guess."""

import ast
import inspect
import textwrap
from collections import Counter
from typing import Any

from contracts import permissions
from contracts.scopes import SCOPES
from litestar import Litestar
from litestar.handlers import HTTPRouteHandler

LONGEST_BODY = 15
PLATFORM_PATHS = ("/livez", "/readyz", "/metrics", "/openapi.json", "/internal-openapi", "/v1/objects/")


def operations(app: Litestar) -> list[tuple[str, HTTPRouteHandler]]:
    """Every handler of the service with its path, the platform's own left out."""
    found = {
        id(handler): (route.path, handler)
        for route in app.routes
        for handler in getattr(route, "route_handlers", ())
        if isinstance(handler, HTTPRouteHandler) and not route.path.startswith(PLATFORM_PATHS)
    }
    return [entry for entry in found.values() if methods(entry[1])]


def methods(handler: HTTPRouteHandler) -> list[str]:
    """The methods that a handler was declared for."""
    return sorted({str(getattr(name, "value", name)) for name in handler.http_methods} - {"OPTIONS", "HEAD"})


def assert_shape(app: Litestar) -> None:
    """Fail with a line for each handler that stands in another module, lacks a declaration or is too long."""
    found = operations(app)
    problems = [problem for path, handler in found for problem in _problems(path, handler)]
    counted = Counter(str(handler.operation_id) for _, handler in found if not _several(handler))
    problems += [f"{name}: two operations have this id" for name, times in counted.items() if times > 1]
    assert not problems, "\n".join(sorted(problems))


def _several(handler: HTTPRouteHandler) -> bool:
    return len(handler.paths) > 1


def _problems(path: str, handler: HTTPRouteHandler) -> list[str]:
    function: Any = inspect.unwrap(handler.fn)
    label = f"{methods(handler)} {path} ({function.__module__}.{function.__name__})"
    found: list[str] = []
    if "routes" not in function.__module__.split("."):
        found.append(f"{label}: a handler stands in a module named routes")
    if not handler.operation_id:
        found.append(f"{label}: no operation_id")
    if handler.opt.get("permission") not in permissions.ALL:
        found.append(f"{label}: no declared permission")
    if (scope := handler.opt.get("scope")) is not None and scope not in SCOPES:
        found.append(f"{label}: {scope} is not in contracts.scopes")
    if not inspect.getdoc(function):
        found.append(f"{label}: no sentence that says what it does")
    if (length := _body(function)) > LONGEST_BODY:
        found.append(f"{label}: {length} lines, {LONGEST_BODY} are allowed")
    generators = [
        name
        for name, provide in handler.resolve_dependencies().items()
        if name in handler.parsed_fn_signature.parameters
        and (provide.has_async_generator_dependency or provide.has_sync_generator_dependency)
    ]
    if len(generators) > 1:
        found.append(f"{label}: more than one generator dependency: {generators}")
    return found


def _body(function: Any) -> int:
    """Lines of a function's body without its docstring."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(function))).body[0]
    assert isinstance(tree, ast.AsyncFunctionDef | ast.FunctionDef)
    body = tree.body[1:] if inspect.getdoc(function) else tree.body
    return (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0
