"""Errors in the shape of the dialect that the path belongs to."""

from collections.abc import Callable
from typing import Any

import msgspec
import structlog
from jsonapi import error_document
from kernel import (
    DomainError,
    InsufficientAuthentication,
    Invalid,
    Problems,
    TooManyRequests,
    Unauthorized,
    Unavailable,
)
from litestar import Request, Response
from litestar.exceptions import HTTPException, ValidationException
from opentelemetry import trace
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from chassis.idempotency import Replay

log = structlog.get_logger("chassis.errors")

CODES = {
    400: "invalid",
    401: "unauthorized",
    403: "forbidden",
    404: "not-found",
    405: "method-not-allowed",
    406: "not-acceptable",
    413: "too-large",
    415: "unsupported-media-type",
    429: "too-many-requests",
    500: "internal-error",
    503: "unavailable",
}
TITLES = {
    400: "Bad request",
    401: "Not signed in",
    403: "Forbidden",
    404: "Not found",
    405: "Method not allowed",
    409: "Conflict",
    413: "Too large",
    422: "Unprocessable",
    429: "Too many requests",
    500: "Internal error",
    503: "Unavailable",
}
PROJECT_TYPES = {
    401: "authentication_error",
    403: "authentication_error",
    404: "invalid_request",
    429: "throttled_error",
}
SCIM_TYPES = frozenset(
    {
        "invalidFilter",
        "tooMany",
        "uniqueness",
        "mutability",
        "invalidSyntax",
        "invalidPath",
        "noTarget",
        "invalidValue",
        "invalidVers",
        "sensitive",
    }
)
SCIM_CODES = {"conflict": "uniqueness", "malformed-json": "invalidSyntax"}
OAUTH_CODES = {
    401: "invalid_client",
    403: "access_denied",
    429: "temporarily_unavailable",
    503: "temporarily_unavailable",
}
BAD_REQUEST, SERVER_ERROR = 400, 500
UNWRITABLE = frozenset({"22021", "22P05"})
"""NUL in a text, alone or within JSON: PostgreSQL has no place for it."""

AnyRequest = Request[Any, Any, Any]
Render = Callable[[DomainError], tuple[Any, str]]


def as_jsonapi(error: DomainError) -> tuple[Any, str]:
    """The identity dialect: all problems in one JSON:API error document."""
    return error_document(error), "application/json"


def as_problem(error: DomainError) -> tuple[Any, str]:
    """RFC 9457: one problem object; several problems are listed in `errors`."""
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": TITLES.get(error.status, "Error"),
        "status": error.status,
        "code": error.code,
        "detail": error.detail,
    }
    if isinstance(error, Problems):
        body["errors"] = [{"detail": p.detail, "pointer": p.pointer or p.parameter} for p in error.problems]
    elif error.pointer or error.parameter:
        body["errors"] = [{"detail": error.detail, "pointer": error.pointer or error.parameter}]
    return body | (error.meta or {}), "application/problem+json"


def as_project_error(error: DomainError) -> tuple[Any, str]:
    """The projects dialect: the first problem, in PostHog's envelope."""
    first = error.problems[0] if isinstance(error, Problems) else error
    kind = PROJECT_TYPES.get(first.status, "validation_error")
    if first.status >= SERVER_ERROR:
        kind = "server_error"
    where = (first.pointer or first.parameter or "").strip("/").replace("/", "__") or None
    return {
        "type": kind,
        "code": first.code.replace("-", "_"),
        "detail": first.detail,
        "attr": where,
    }, "application/json"


def as_scim(error: DomainError) -> tuple[Any, str]:
    """RFC 7644, section 3.12: the first problem, with the standard's keyword where it has one."""
    first = error.problems[0] if isinstance(error, Problems) else error
    keyword = SCIM_CODES.get(first.code, first.code)
    if keyword not in SCIM_TYPES:
        keyword = "invalidValue" if first.status == BAD_REQUEST else None
    body = {
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"],
        "status": str(first.status),
        "scimType": keyword,
        "detail": first.detail,
    }
    return {name: value for name, value in body.items() if value is not None}, "application/scim+json"


def as_oauth_error(error: DomainError) -> tuple[Any, str]:
    """OAuth 2 (RFC 6749, section 5.2): one of its few codes, and a sentence."""
    first = error.problems[0] if isinstance(error, Problems) else error
    told = OAUTH_CODES.get(first.status, "server_error" if first.status >= SERVER_ERROR else "invalid_request")
    return {"error": told, "error_description": first.detail.replace('"', "'")}, "application/json"


DIALECTS: tuple[tuple[str, Render], ...] = (
    ("/api/v5", as_problem),
    ("/api/v1/learning", as_problem),
    ("/mcp", as_problem),
    ("/api/projects", as_project_error),
    ("/api/cohort", as_project_error),
    ("/oauth2", as_oauth_error),
    ("/scim", as_scim),
    *((prefix, as_project_error) for prefix in ("/capture", "/batch", "/i/v0")),
)


def dialect(path: str) -> Render:
    """How errors of a path are written."""
    if path.rstrip("/") == "/e":
        return as_project_error
    return next((render for prefix, render in DIALECTS if path.startswith(prefix)), as_jsonapi)


def respond(request: AnyRequest, error: DomainError) -> Response[Any]:
    """The answer that tells of `error`."""
    body, media_type = dialect(request.scope["path"])(error)
    return Response(msgspec.json.encode(body), status_code=error.status, media_type=media_type, headers=_headers(error))


def _headers(error: DomainError) -> dict[str, str]:
    headers: dict[str, str] = {"cache-control": "no-store"}
    if isinstance(error, Unauthorized):
        reason = f', error="{error.code}"' if error.code != "credentials-required" else ""
        headers["www-authenticate"] = f'Bearer realm="muster"{reason}'
    if isinstance(error, InsufficientAuthentication):
        headers["www-authenticate"] = (
            'Bearer realm="muster", error="insufficient_user_authentication", '
            f'error_description="{error.detail}", acr_values="{error.acr}", max_age="{error.max_age}"'
        )
    if isinstance(error, TooManyRequests | Unavailable):
        headers["retry-after"] = str(error.retry_after)
    return headers


def on_domain_error(request: AnyRequest, error: DomainError) -> Response[Any]:
    """A rule of ours."""
    return respond(request, error)


def on_http_error(request: AnyRequest, error: HTTPException) -> Response[Any]:
    """A rule of the framework: routing, sizes, arguments."""
    status = error.status_code
    answer = respond(request, _from_http(error, status))
    for name, value in (error.headers or {}).items():
        answer.headers.setdefault(name, value)
    return answer


def _from_http(error: HTTPException, status: int) -> DomainError:
    if isinstance(error, ValidationException) and isinstance(error.extra, list) and error.extra:
        return Problems([_argument(item) for item in error.extra])
    return DomainError(str(error.detail), code=CODES.get(status, "error"), status=status)


def _argument(item: Any) -> DomainError:
    source, key = item.get("source"), str(item.get("key", ""))
    if source == "body" or key == "data":
        return Invalid("A JSON body is required.", pointer="", code="required")
    return Invalid(str(item.get("message", "The value is not valid.")), parameter=key)


def on_database_error(request: AnyRequest, error: DBAPIError) -> Response[Any]:
    """A database that is away, or that broke a circle of waiting writers, is 503; a text that it cannot hold is 400.

    Anything else is our fault.
    """
    if error.connection_invalidated or _is_away(error):
        log.warning("database unavailable", error=str(error.orig))
        return respond(request, Unavailable("The database is out of reach; try again.", retry_after=1))
    if _lost_a_race(error):
        log.warning("write gave way to another", error=str(error.orig))
        return respond(request, Unavailable("Another write had to go first; try again.", retry_after=1))
    if getattr(error.orig, "sqlstate", None) in UNWRITABLE:
        return respond(request, Invalid("A text holds a character that cannot be kept.", code="unwritable"))
    if isinstance(error, IntegrityError):
        log.warning("constraint refused a write", constraint=_constraint(error))
        return respond(request, DomainError("Another write got there first.", code="conflict", status=409))
    return on_unexpected(request, error)


def on_pool_timeout(request: AnyRequest, _: PoolTimeout) -> Response[Any]:
    """All connections are busy."""
    return respond(request, Unavailable("The service is busy; try again.", retry_after=1))


def on_connection_error(request: AnyRequest, error: OSError) -> Response[Any]:
    """A server of ours cannot be reached."""
    log.warning("connection failed", error=str(error))
    return respond(request, Unavailable("A part of the platform is out of reach; try again.", retry_after=1))


def on_unexpected(request: AnyRequest, error: Exception) -> Response[Any]:
    """A fault of ours: the caller gets a code and the trace, the log gets the rest."""
    span = trace.get_current_span().get_span_context()
    trace_id = f"{span.trace_id:032x}" if span.is_valid else request.headers.get("x-request-id", "")
    log.error("unexpected error", exc_info=error)
    fault = DomainError("Something went wrong on our side.", code="internal-error", status=500)
    fault.meta = {"trace_id": trace_id} if trace_id else None
    return respond(request, fault)


def _constraint(error: IntegrityError) -> str:
    """The name of the constraint. The server's own words hold the values that it refused: people's data."""
    cause = error.orig.__cause__ if error.orig else None
    return str(getattr(cause, "constraint_name", None) or type(error.orig).__name__)


def _is_away(error: DBAPIError) -> bool:
    text = f"{type(error.orig).__name__} {error.orig}"
    signs = ("ConnectionDoesNotExist", "CannotConnectNow", "AdminShutdown", "CrashShutdown", "connection is closed")
    return any(sign in text for sign in signs)


def _lost_a_race(error: DBAPIError) -> bool:
    """A deadlock, a serialization failure or a lock that was not to be had: nothing of the transaction remains."""
    return getattr(error.orig, "sqlstate", None) in {"40P01", "40001", "55P03"}


def on_replay(_: AnyRequest, replay: Replay) -> Response[Any]:
    """The answer of the first request with this idempotency key."""
    return Response(
        replay.answer or None,
        status_code=replay.status,
        media_type="application/json",
        headers={"idempotent-replayed": "true"},
    )


HANDLERS: dict[Any, Any] = {
    Replay: on_replay,
    DomainError: on_domain_error,
    HTTPException: on_http_error,
    DBAPIError: on_database_error,
    PoolTimeout: on_pool_timeout,
    OSError: on_connection_error,
    Exception: on_unexpected,
}

__all__ = ["HANDLERS", "dialect", "respond"]
