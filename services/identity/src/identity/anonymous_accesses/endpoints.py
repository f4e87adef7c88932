"""What a link may allow, and whether a call is one of it.

A path is written in one form only: whole segments of unreserved signs, no dots that climb, nothing encoded, no query.
A call is allowed when it is the same text, so there is no second reading that a proxy or a service behind it could make
of it. One slash at the end means nothing here as everywhere.
"""

import re
from collections.abc import Sequence

from kernel import DomainError, Forbidden, Invalid, Problems

from identity.anonymous_accesses.schemas import Endpoint

PLAIN = re.compile(r"/(?:v[12]|api)(?:/(?!\.{1,2}(?:/|\Z))[A-Za-z0-9._~@:-]+)+/?")
CLOSED = (
    "/v1/anonymous-accesses",
    "/v1/api-keys",
    "/v1/authenticate",
    "/v1/confirm-forgot-password",
    "/v1/confirm-sign-up",
    "/v1/forgot-password",
    "/v1/identity-providers",
    "/v1/impersonation-requests",
    "/v1/internal-auth",
    "/v2/internal-auth",
    "/v1/login",
    "/v1/logout",
    "/v1/mfa-totp",
    "/v1/oauth2-client-settings",
    "/v1/oauth2-launcher",
    "/v1/oauth2-redirector",
    "/v1/oauth2-tokens",
    "/v1/passkeys",
    "/v1/refresh-token",
    "/v1/saml-acs",
    "/v1/saml-login",
    "/v1/service-accounts",
    "/v1/sessions",
    "/v1/sign-up",
    "/v1/synthetic-user-tokens",
)
"""Credentials and what makes them: nothing of it is for who has a link."""


def checked(endpoints: Sequence[Endpoint], pointer: str) -> list[dict[str, str]]:
    """The endpoints as they are kept. Raises Problems naming each that cannot be allowed."""
    problems: list[DomainError] = []
    for place, endpoint in enumerate(endpoints):
        where = f"{pointer}/{place}/path"
        if not PLAIN.fullmatch(endpoint.path):
            problems.append(Invalid("Write the whole path of an operation, plainly.", pointer=where))
        elif any(_below(endpoint.path, prefix) for prefix in CLOSED):
            problems.append(Invalid("No link may lead to credentials.", pointer=where, code="endpoint-closed"))
    if problems:
        raise Problems(problems)
    return [{"method": one.method, "path": one.path, "service": one.service} for one in endpoints]


def allowed(kept: Sequence[dict[str, str]], method: str, path: str) -> Endpoint:
    """The endpoint that a call is of. Raises Forbidden."""
    for one in kept:
        if one["method"] == method and _ended(one["path"]) == _ended(path):
            return Endpoint(**one)  # pyright: ignore[reportArgumentType] it was an Endpoint when it was kept
    raise Forbidden("The link does not allow this.", code="endpoint-not-allowed")


def claim(endpoint: Endpoint) -> str:
    """The endpoint as a token names the one operation that it is good for."""
    return f"{endpoint.service} {endpoint.method.upper()} {_ended(endpoint.path)}"


def _below(path: str, prefix: str) -> bool:
    return path == prefix or path.startswith(f"{prefix}/")


def _ended(path: str) -> str:
    """Without the one slash that may end it."""
    return path.removesuffix("/")
