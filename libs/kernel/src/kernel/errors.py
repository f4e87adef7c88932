"""Errors of the domain: each knows its HTTP status and a stable code; dialects give them their shape."""

from typing import Any


class DomainError(Exception):
    """Something the caller can be told: what was wrong (`detail`), where, and a code that never changes.

    `keeps_writes` says that what the request wrote before is committed all the same: a try that was counted, a session
    that was ended because of the misuse that is refused here.
    """

    status: int = 400
    code: str = "invalid"
    keeps_writes: bool = False

    def __init__(
        self,
        detail: str,
        *,
        pointer: str | None = None,
        parameter: str | None = None,
        meta: dict[str, Any] | None = None,
        code: str | None = None,
        status: int | None = None,
    ) -> None:
        """`pointer` is an RFC 6901 pointer into the body, `parameter` the name of a query parameter or header."""
        super().__init__(detail)
        self.detail = detail
        self.pointer = pointer
        self.parameter = parameter
        self.meta = meta
        self.code = code or type(self).code
        self.status = status or type(self).status


class Invalid(DomainError):
    """A value is missing, malformed or out of range."""


class Unauthorized(DomainError):
    """No credential, or one that does not count."""

    status, code = 401, "unauthorized"


class InsufficientAuthentication(Unauthorized):
    """The caller signed in too long ago or too weakly for this (RFC 9470): `acr` and at most `max_age` seconds do."""

    code = "insufficient-user-authentication"

    def __init__(self, detail: str, *, max_age: int, acr: str, **where: Any) -> None:
        super().__init__(detail, **where)
        self.max_age, self.acr = max_age, acr


class Forbidden(DomainError):
    """The caller is known and may not do this."""

    status, code = 403, "forbidden"


class NotFound(DomainError):
    """No such thing, or none that the caller may know of."""

    status, code = 404, "not-found"

    def __init__(self, detail: str = "There is no such resource.", **where: Any) -> None:
        super().__init__(detail, **where)


class Conflict(DomainError):
    """The present state does not allow it."""

    status, code = 409, "conflict"


class Unprocessable(DomainError):
    """Well formed, but it contradicts an earlier request."""

    status, code = 422, "unprocessable"


class TooManyRequests(DomainError):
    """A budget is used up; `retry_after` says in how many seconds to come back."""

    status, code = 429, "too-many-requests"

    def __init__(self, detail: str, *, retry_after: int, **where: Any) -> None:
        super().__init__(detail, **where)
        self.retry_after = retry_after


class Unavailable(DomainError):
    """Something that the answer needs is out of reach; `retry_after` in seconds."""

    status, code = 503, "unavailable"

    def __init__(self, detail: str, *, retry_after: int = 1, **where: Any) -> None:
        super().__init__(detail, **where)
        self.retry_after = retry_after


class Problems(DomainError):
    """Several problems of one request, reported together. The first one decides the status."""

    def __init__(self, problems: list[DomainError]) -> None:
        """`problems` holds at least one."""
        first = problems[0]
        super().__init__(first.detail, code=first.code, status=first.status)
        self.problems = problems
