"""The guard: it authenticates the caller and holds a route's declared permission against them.

What depends on rows (whose organization, whose group) is decided by the command or query behind the route; the guard
decides what the token alone can tell.
"""

from typing import Any

from contracts import permissions
from kernel import Forbidden, Unauthorized
from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler

from chassis.principal import Principal
from chassis.runtime import Runtime, runtime_of

INTERNAL_HEADER = b"x-muster-principal"

Connection = ASGIConnection[Any, Any, Any, Any]


async def guard(connection: Connection, handler: BaseRouteHandler) -> None:
    """Litestar guard of every route. Raises Unauthorized, Forbidden or Unavailable."""
    permission = handler.opt.get("permission")
    principal = await authenticate(connection, runtime_of(connection), optional=permission == permissions.PUBLIC)
    connection.scope["principal"] = principal  # type: ignore[typeddict-unknown-key]
    if permission == permissions.PUBLIC or principal is None:
        return
    if principal.scopes is not None and handler.opt.get("scope") not in principal.scopes:
        raise Forbidden(f"The credential lacks the scope {handler.opt.get('scope')}.", code="insufficient-scope")
    if permission == permissions.SERVICE and principal.service is None:
        raise Forbidden("Only services of the platform may do this.")
    if permission == permissions.OPERATOR and not principal.is_operator:
        raise Forbidden("Only the platform's operator may do this.")
    if permission == permissions.SUPPORT and not principal.is_support:
        raise Forbidden("Only the operator's staff may do this.")


async def authenticate(connection: Connection, runtime: Runtime, *, optional: bool) -> Principal | None:
    """The caller, by their bearer token or the gateway's internal token.

    A public route takes no notice of a credential that does not count. Raises Unauthorized otherwise.
    """
    headers: dict[bytes, str] = connection.scope["muster"]  # type: ignore[typeddict-item]
    token = headers.get(INTERNAL_HEADER) or _bearer(headers.get(b"authorization"))
    if token is None:
        if optional:
            return None
        raise Unauthorized("Sign in first.", code="credentials-required")
    try:
        principal = await runtime.verifier.verify(token)
        await runtime.revocations.check(principal)
    except Unauthorized:
        if optional:
            return None
        raise
    return principal


def _bearer(header: str | None) -> str | None:
    if header is None:
        return None
    scheme, _, token = header.partition(" ")
    return token.strip() if scheme.lower() == "bearer" and token else None
