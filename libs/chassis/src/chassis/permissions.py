"""The guard: it authenticates the caller and holds a route's declared permission against them.

What depends on rows (whose organization, whose group) is decided by the command or query behind the route; the guard
decides what the token alone can tell. It is a middleware rather than one of Litestar's guards: those copy the route
handler for every request, which costs a fifth of a small request.
"""

from typing import Any

from contracts import permissions
from kernel import Forbidden, Unauthorized

from chassis.impersonation import note_call
from chassis.principal import Principal
from chassis.runtime import Runtime

INTERNAL_HEADER = b"x-muster-principal"


def guarded(app: Any) -> Any:
    """Middleware of every route: runs after routing and before anything of the route."""

    async def guard(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http" and not _lists_methods(scope):
            await permit(scope, scope["litestar_app"].state.runtime)
        await app(scope, receive, send)

    return guard


def _lists_methods(scope: Any) -> bool:
    """Whether the framework itself answers: OPTIONS on a path whose routes declare nothing for it."""
    return scope["method"] == "OPTIONS" and "permission" not in scope["route_handler"].opt


async def permit(scope: Any, runtime: Runtime) -> None:
    """Find the caller, and refuse them what the route's permission does not allow.

    Raises Unauthorized, Forbidden or Unavailable.
    """
    opt = scope["route_handler"].opt
    permission = opt.get("permission")
    scope["principal"] = principal = await authenticate(
        scope["muster"], runtime, optional=permission == permissions.PUBLIC
    )
    if permission == permissions.PUBLIC or principal is None:
        return
    if principal.impersonator is not None:
        await note_call(runtime, principal, scope["method"], scope["path"])
        if opt.get("in_person"):
            raise Forbidden("Nobody may do this in another person's name.", code="impersonated")
    if principal.scopes is not None and opt.get("scope") not in principal.scopes:
        raise Forbidden(f"The credential lacks the scope {opt.get('scope')}.", code="insufficient-scope")
    if permission == permissions.SERVICE and principal.service is None:
        raise Forbidden("Only services of the platform may do this.")
    if permission == permissions.OPERATOR and not principal.is_operator:
        raise Forbidden("Only the platform's operator may do this.")
    if permission == permissions.SUPPORT and not principal.is_support:
        raise Forbidden("Only the operator's staff may do this.")


async def authenticate(headers: dict[bytes, str], runtime: Runtime, *, optional: bool) -> Principal | None:
    """The caller, by their bearer token or the gateway's internal token.

    A public route takes no notice of a credential that does not count. Raises Unauthorized otherwise.
    """
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
