"""The guard: it authenticates the caller and holds a route's declared permission against them.

What depends on rows (whose organization, whose group) is decided by the command or query behind the route; the guard
decides what the token alone can tell. It is a middleware rather than one of Litestar's guards: those copy the route
handler for every request, which costs a fifth of a small request.
"""

from typing import Any

from contracts import permissions
from kernel import Forbidden, Unauthorized

from chassis.api_keys import PREFIX
from chassis.impersonation import note_call
from chassis.principal import Principal
from chassis.runtime import Runtime

INTERNAL_HEADER = b"x-muster-principal"
KEY_HEADER = b"x-api-key"


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
    if principal is None:
        return
    if principal.endpoint is not None:
        _check_endpoint(scope, runtime.name, principal.endpoint)
    if permission == permissions.PUBLIC:
        return
    if principal.impersonator is not None:
        await note_call(runtime, principal, scope["method"], scope["path"])
    _check_narrowed(scope, principal)
    if permission == permissions.SERVICE and principal.service is None:
        raise Forbidden("Only services of the platform may do this.")
    if permission == permissions.OPERATOR and not principal.is_operator:
        raise Forbidden("Only the platform's operator may do this.")
    if permission == permissions.SUPPORT and not principal.is_support:
        raise Forbidden("Only the operator's staff may do this.")


def _check_endpoint(scope: Any, service: str, endpoint: str) -> None:
    """Refuse all but the one operation that a credential is good for. Raises Forbidden."""
    if endpoint != f"{service} {scope['method']} {scope['path'].removesuffix('/')}":
        raise Forbidden("The credential is good for another operation.", code="endpoint-not-allowed")


def _check_narrowed(scope: Any, principal: Principal) -> None:
    """Refuse what a credential is too narrow for. Raises Forbidden."""
    opt = scope["route_handler"].opt
    if opt.get("in_person") and (principal.impersonator is not None or principal.endpoint is not None):
        raise Forbidden("Nobody may do this in another person's name.", code="impersonated")
    if principal.scopes is None or (needed := opt.get("scope")) in principal.scopes:
        return
    if needed is None:
        raise Forbidden("This is closed to API keys and narrowed tokens.", code="insufficient-scope")
    raise Forbidden(f"The credential lacks the scope {needed}.", code="insufficient-scope", meta={"scope": needed})


async def authenticate(headers: dict[bytes, str], runtime: Runtime, *, optional: bool) -> Principal | None:
    """The caller, by the gateway's internal token, their API key or their bearer token.

    A public route takes no notice of a credential that does not count. Raises Unauthorized otherwise.
    """
    bearer = _bearer(headers.get(b"authorization"))
    key = _key(headers, bearer)
    token = headers.get(INTERNAL_HEADER) or bearer
    if token is None and key is None:
        if optional:
            return None
        raise Unauthorized("Sign in first.", code="credentials-required")
    try:
        if key is not None or token is None:
            token = await runtime.api_keys.translated(key)
        principal = await runtime.verifier.verify(token)
        await runtime.revocations.check(principal)
    except Unauthorized:
        if optional:
            return None
        raise
    return principal


def api_key(headers: dict[bytes, str]) -> str | None:
    """The API key of a request, unless the gateway's token goes before it; a key may also come as a bearer's token."""
    return _key(headers, _bearer(headers.get(b"authorization")))


def _key(headers: dict[bytes, str], bearer: str | None) -> str | None:
    if INTERNAL_HEADER in headers:
        return None
    return headers.get(KEY_HEADER) or (bearer if bearer and bearer.startswith(PREFIX) else None)


def _bearer(header: str | None) -> str | None:
    if header is None:
        return None
    scheme, _, token = header.partition(" ")
    return token.strip() if scheme.lower() == "bearer" and token else None
