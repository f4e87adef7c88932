"""Errors of pages are pages."""

from typing import Any

from authlib.oauth2.rfc6749 import OAuth2Error
from chassis.errors import HANDLERS, on_connection_error, on_database_error, on_pool_timeout, on_unexpected
from kernel import DomainError, TooManyRequests, Unavailable
from litestar import Response
from litestar.exceptions import HTTPException
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from identity.openid.pages.languages import accepted
from identity.openid.pages.rendering import HTML, page
from identity.throttling.callers import AnyRequest

SERVER_ERROR = 500
ANYTHING = ("*/*", "application/*")


class Ended(DomainError):
    """The request that a page belongs to has ended, or began in another browser."""

    status, code = 410, "interaction-ended"

    def __init__(self) -> None:
        super().__init__("This sign-in has expired, was finished, or began in another browser. Start again there.")


def on_oauth2_error(request: AnyRequest, error: OAuth2Error) -> Response[Any]:
    """A client's request that is wrong in a way that the client cannot be told."""
    return page(
        request, "problem", status=400, reason=error.get_error_description() or "", code=str(error.error), again=False
    )


def on_domain_error(request: AnyRequest, error: DomainError) -> Response[Any]:
    """A rule of ours."""
    made = page(request, "problem", status=error.status, reason=error.detail, code=error.code, again=True)
    if isinstance(error, TooManyRequests | Unavailable):
        made.headers["retry-after"] = str(error.retry_after)
    return made


def on_http_error(request: AnyRequest, error: HTTPException) -> Response[Any]:
    """A rule of the framework."""
    return page(request, "problem", status=error.status_code, reason=str(error.detail), code="invalid", again=True)


def _as_page(answer: Any) -> Any:
    """What the platform says of a fault of its own, as a page."""

    def render(request: AnyRequest, error: Any) -> Response[Any]:
        status = answer(request, error).status_code
        reason = "Something went wrong on our side." if status >= SERVER_ERROR else "This cannot be done."
        return page(request, "problem", status=status, reason=reason, code="unavailable", again=True)

    return render


PROBLEMS: Any = {
    OAuth2Error: on_oauth2_error,
    DomainError: on_domain_error,
    HTTPException: on_http_error,
    DBAPIError: _as_page(on_database_error),
    PoolTimeout: _as_page(on_pool_timeout),
    OSError: _as_page(on_connection_error),
    Exception: _as_page(on_unexpected),
}


def prefers_page(request: AnyRequest) -> bool:
    """Whether `Accept` names pages, and before JSON: browsers that go somewhere do so, programs do not."""
    for kind in accepted(request.headers.get("accept", "")):
        if kind.lower() in {HTML, "text/*"}:
            return True
        if kind in ANYTHING or kind.lower().endswith("json"):
            return False
    return False


def _either(as_page: Any, as_json: Any) -> Any:
    """A page for whom it is meant, and what programs are told for everybody else."""

    def render(request: AnyRequest, error: Any) -> Response[Any]:
        if not prefers_page(request):
            return as_json(request, error)
        made = as_page(request, error)
        made.headers["vary"] = "Accept, Accept-Language"
        return made

    return render


PROBLEMS_IN_BROWSERS: Any = {
    kind: _either(PROBLEMS[kind], HANDLERS[kind]) for kind in PROBLEMS.keys() & HANDLERS.keys()
}
"""Errors of operations that browsers are sent to and that programs may call, too."""
