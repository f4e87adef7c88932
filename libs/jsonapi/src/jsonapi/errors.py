"""Error documents (JSON:API 1.1, section 11)."""

from typing import Any

import msgspec
from kernel import DomainError, Problems


class Source(msgspec.Struct, omit_defaults=True):
    """Where in the request the problem stands."""

    pointer: str | None = None
    parameter: str | None = None


class Error(msgspec.Struct, omit_defaults=True):
    """One problem."""

    status: str
    code: str
    detail: str
    source: Source | None = None
    meta: dict[str, Any] | None = None


class ErrorDocument(msgspec.Struct):
    """All problems of one request."""

    errors: list[Error]


def error_document(error: DomainError) -> ErrorDocument:
    """The document that tells a caller of `error`."""
    problems = error.problems if isinstance(error, Problems) else [error]
    return ErrorDocument([_error(problem) for problem in problems])


def _error(problem: DomainError) -> Error:
    source = Source(problem.pointer, problem.parameter) if problem.pointer or problem.parameter else None
    return Error(str(problem.status), problem.code, problem.detail, source, problem.meta)
