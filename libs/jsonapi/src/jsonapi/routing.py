"""Route decorators that carry what every operation declares: its id, its permission, its parameters.

They serve all dialects; the identity dialect's statuses are the defaults (POST answers 201, actions too).
"""

import functools
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from typing import Any

import msgspec
from litestar import Request
from litestar import delete as litestar_delete
from litestar import get as litestar_get
from litestar import patch as litestar_patch
from litestar import post as litestar_post
from litestar import put as litestar_put
from litestar.di import NamedDependency, Provide
from litestar.handlers import HTTPRouteHandler

from jsonapi.bodies import decoded
from jsonapi.query import Query, reader

Handler = Callable[..., Awaitable[Any]]
Decorator = Callable[[Handler], HTTPRouteHandler]

answer: ContextVar[dict[str, Any] | None] = ContextVar("answer", default=None)
"""Where a write leaves what it answers, for whoever keeps answers by idempotency key. Set a request, or None."""


def get(
    path: str, *, operation_id: str, permission: str, query: type[Query] | None = None, **options: Any
) -> Decorator:
    """A read: answers 200."""
    return _declare(litestar_get, path, operation_id, permission, query, 200, options)


def post(
    path: str,
    *,
    operation_id: str,
    permission: str,
    query: type[Query] | None = None,
    status: int = 201,
    **options: Any,
) -> Decorator:
    """A write or an action."""
    return _declare(litestar_post, path, operation_id, permission, query, status, options)


def patch(
    path: str, *, operation_id: str, permission: str, query: type[Query] | None = None, **options: Any
) -> Decorator:
    """A partial change: answers 200."""
    return _declare(litestar_patch, path, operation_id, permission, query, 200, options)


def put(
    path: str, *, operation_id: str, permission: str, query: type[Query] | None = None, **options: Any
) -> Decorator:
    """A replacement: answers 200."""
    return _declare(litestar_put, path, operation_id, permission, query, 200, options)


def delete(
    path: str,
    *,
    operation_id: str,
    permission: str,
    query: type[Query] | None = None,
    status: int = 204,
    **options: Any,
) -> Decorator:
    """A removal: answers 204."""
    return _declare(litestar_delete, path, operation_id, permission, query, status, options)


def _declare(
    method: Any,
    path: str,
    operation_id: str,
    permission: str,
    query: type[Query] | None,
    status: int,
    options: dict[str, Any],
) -> Decorator:
    """`scope` names what an API key needs; `secret_answer` marks answers that hold credentials.

    `reads` marks a POST that only reads, as dialects have them whose searches need a body: no transaction is opened.
    `body` is the type of `data` for a handler that takes `request` and `data` and is asked so often that Litestar's own
    way from a body to an argument, which costs as much as a decision, is left out.
    `in_person` marks what nobody may do in another person's name: tokens with an `act` claim are refused.
    """
    opt = {
        "permission": permission,
        "query": query,
        "scope": options.pop("scope", None),
        "secret_answer": options.pop("secret_answer", False),
        "in_person": options.pop("in_person", False),
        "reads": options.pop("reads", False),
        "body": options.pop("body", None),
    }
    dependencies = dict(options.pop("dependencies", {}))
    if query is not None:
        dependencies["parameters"] = Provide(reader(query), sync_to_thread=False)
        dependencies.setdefault("principal", Provide(_principal_after_parameters, sync_to_thread=False))

    def decorate(function: Handler) -> HTTPRouteHandler:
        handler = function if method is litestar_get or opt["reads"] else _remembered(function)
        if opt["body"] is not None:
            handler = _given_body(handler, opt["body"])
        return method(
            path,
            operation_id=operation_id,
            status_code=status,
            opt=opt,
            dependencies=dependencies or None,
            **options,
        )(handler)

    return decorate


def _principal_after_parameters(request: Request[Any, Any, Any], parameters: NamedDependency[Any]) -> Any:
    """The caller whom a guard has left in the scope.

    It waits for the parameters: Litestar resolves what is independent in tasks of their own, which cost more.
    """
    _ = parameters
    return request.scope.get("principal")


def _given_body(function: Handler, body: type[Any]) -> Handler:
    """Decode the body and hand it over as `data`."""
    decoder = msgspec.json.Decoder(body, strict=True)

    async def given_body(request: Request[Any, Any, Any]) -> Any:
        return await function(request=request, data=decoded(await request.body(), decoder))

    given_body.__name__, given_body.__doc__, given_body.__module__ = (
        function.__name__,
        function.__doc__,
        function.__module__,
    )
    given_body.__annotations__["return"] = function.__annotations__["return"]
    return given_body


def _remembered(function: Handler) -> Handler:
    """Leave the answer where an idempotency key can find it, before the transaction commits."""

    @functools.wraps(function)
    async def remembered(*arguments: Any, **named: Any) -> Any:
        result = await function(*arguments, **named)
        if (holder := answer.get()) is not None:
            holder["result"] = result
        return result

    return remembered
