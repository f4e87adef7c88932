"""The route table of the gateway, as data: which service answers which prefix, how, and in which dialect.

A prefix matches whole segments: `/v1/users` takes `/v1/users`, `/v1/users/` and `/v1/users/1`, not `/v1/users-old`.
"""

from dataclasses import dataclass
from typing import Literal

Kind = Literal["json", "upload", "stream"]
Dialect = Literal["jsonapi", "problem", "posthog"]

PREFIXES: dict[str, tuple[str, ...]] = {
    "identity": (
        *(
            f"/v1/{name}"
            for name in [
                "sign-up",
                "confirm-sign-up",
                "login",
                "logout",
                "refresh-token",
                "forgot-password",
                "confirm-forgot-password",
                "password-strength",
                "sessions",
                "users",
                "user-activities",
                "user-checkins",
                "user-replications",
                "replicators",
                "mfa-totp",
                "passkeys",
                "scim-requests",
                "onboarding-requests",
                "onboarding-info",
                "registration-invitations",
                "resend-invitation",
                "service-documents",
                "impersonation-requests",
                "archive-requests",
                "deletion-requests",
                "purge-data",
                "anonymous-accesses",
                "oauth2-client-settings",
                "oauth2-launcher",
                "oauth2-redirector",
                "oauth2-tokens",
                "saml-login",
                "saml-acs",
                "internal-auth",
                "synthetic-user-tokens",
                "api-keys",
                "service-accounts",
                "identity-providers",
                "audit-events",
                "message-contents",
            ]
        ),
        "/v2/internal-auth",
        "/.well-known/openid-configuration",
        "/.well-known/jwks.json",
        "/oauth2",
        "/scim",
    ),
    "orgs": (
        *(
            f"/v1/{name}"
            for name in [
                "organizations",
                "organization-codes",
                "organization-code-info",
                "organization-themes",
                "user-organizations",
                "individuals",
                "individual-groups",
                "individual-group-individuals",
                "individual-group-leaders",
                "individual-group-logs",
                "features",
                "organization-features",
                "user-features",
                "aggregation-requests",
                "tasks",
                "imports",
                "exports",
            ]
        ),
        "/v2/individual-groups",
    ),
    "authz": (
        *(
            f"/v1/{name}"
            for name in [
                "authz-resource-access",
                "bulk-authz-resource-access",
                "authz-get-accessible-resources",
                "authz-individuals",
                "authz-resource-accessors",
                "authz-user-status",
                "authz-explanations",
                "authz-changes",
                "roles",
                "role-users",
                "access-grants",
            ]
        ),
        "/access",
        "/.well-known/authzen-configuration",
    ),
    "notifications": (
        *(
            f"/v1/{name}"
            for name in [
                "organization-email-templates",
                "organization-sms-templates",
                "organization-general-messages",
                "email-logs",
                "deliveries",
                "onboarding-texts",
                "url-shorteners",
                "feedback-comments",
                "webhook-endpoints",
                "notifications",
                "communication-preferences",
                "suppressions",
            ]
        ),
        "/s",
    ),
    "artifacts": (
        "/api/v5",
        "/api/projects",
        "/api/cohort",
        "/api/v1/learning",
        "/capture",
        "/batch",
        "/i/v0",
        "/e",
        "/mcp",
    ),
}

EXACT: dict[str, tuple[str, ...]] = {
    # a prefix would let clients see what the gateway itself asks identity: /v1/authenticate + their path
    "identity": ("/v1/authenticate", "/v1/authenticate/"),
}

STREAMS = ("/v1/notifications/stream", "/v1/authz-changes", "/mcp")
"""Answers that stay open (server-sent events): no time limit, neither buffered nor compressed."""

for _service in PREFIXES:
    PREFIXES[_service] += (f"/v1/objects/{_service}",)  # signed links to what stands in a folder

ANYWHERE = ("/capture", "/batch", "/i/v0", "/e")
"""Events of applications: pages of every site may post there, without cookies, and with a public token."""

UPLOADS = (
    "/v1/imports",
    "/api/v5/uploads",
    "/api/projects",
    *ANYWHERE,
    *(f"/v1/objects/{_service}" for _service in PREFIXES),
)
"""Bodies that may be large: not buffered, the service limits them."""

SECRET = ("/v1/anonymous-accesses", "/s")
"""What follows in the path admits whoever knows it: it stands in no log and in no trace."""

DIALECTS: dict[str, Dialect] = {
    "/api/projects": "posthog",
    "/api/cohort": "posthog",
    "/capture": "posthog",
    "/batch": "posthog",
    "/i/v0": "posthog",
    "/e/": "posthog",
    "/api": "problem",
    "/mcp": "problem",
}
"""How the gateway words its own errors; the first prefix that fits decides, `jsonapi` otherwise."""

OPERATIONAL = ("/healthz", "/readyz", "/openapi.json", "/docs")
"""What the gateway answers itself."""


@dataclass(frozen=True)
class Route:
    """One line of the gateway's table."""

    path: str
    service: str
    kind: Kind
    exact: bool = False
    anywhere: bool = False
    secret: bool = False


def table() -> list[Route]:
    """Every route in the order of matching: longer paths first, so that a narrower one wins."""
    owners = {prefix: service for service, prefixes in PREFIXES.items() for prefix in prefixes}
    routes = [Route(path, service, "json", exact=True) for service, paths in EXACT.items() for path in paths]
    for path in {*owners, *STREAMS, *UPLOADS}:
        kind: Kind = "stream" if path in STREAMS else "upload" if path in UPLOADS else "json"
        routes.append(Route(path, owner(path, owners), kind, anywhere=path in ANYWHERE, secret=path in SECRET))
    return sorted(routes, key=lambda route: (-route.path.count("/"), -len(route.path), route.path))


def owner(path: str, owners: dict[str, str]) -> str:
    """The service whose prefix holds the path. Raises KeyError when there is none."""
    while path not in owners:
        path, _, last = path.rpartition("/")
        if not last:
            raise KeyError(path)
    return owners[path]
