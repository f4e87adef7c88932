"""Renders deploy/envoy/envoy.yaml.j2 for a place to run: this machine, compose or Kubernetes."""

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jinja2

from muster.gateway import routes

PACKAGED = Path(__file__).with_name("files")
FOLDER = PACKAGED if PACKAGED.exists() else Path(__file__).resolve().parents[4] / "envoy"
"""`deploy/envoy`, which a wheel holds a copy of: the template and the files of /docs."""

IDENTITY_HEADERS = (
    "x-muster-principal",
    "x-user-id",
    "x-user",
    "x-user-roles",
    "x-forwarded-user",
    "x-forwarded-email",
    "x-forwarded-groups",
    "x-forwarded-access-token",
    "x-auth-request-user",
    "x-auth-request-email",
    "x-remote-user",
    "x-jwt-payload",
    "x-tenant-id",
    "x-organization-id",
)
"""Headers that speak of who the caller is. Only the gateway may write them; a client's are dropped."""

TRACE_HEADERS = ("traceparent", "tracestate", "baggage", "x-trace-id", "b3", "x-b3-traceid", "x-b3-sampled")
"""A client may not choose trace ids or sampling, nor put baggage into events."""

DOCS = {
    "": ("index.html", "text/html; charset=utf-8"),
    "/docs.js": ("docs.js", "application/javascript; charset=utf-8"),
    "/swagger-ui-bundle.js": ("swagger-ui-bundle.js", "application/javascript; charset=utf-8"),
    "/swagger-ui.css": ("swagger-ui.css", "text/css; charset=utf-8"),
    "/favicon-32x32.png": ("favicon-32x32.png", "image/png"),
}

ERRORS: dict[int, tuple[str, str]] = {
    400: ("bad-request", "The gateway can't read this request."),
    401: ("unauthorized", "The credential is not valid."),
    403: ("forbidden", "This is not allowed."),
    404: ("not-found", "There is nothing at this path."),
    408: ("request-timeout", "The request did not arrive in time."),
    413: ("payload-too-large", "The body is larger than this operation takes."),
    426: ("upgrade-required", "This protocol is not spoken here."),
    429: ("too-many-requests", "Too many requests: wait, then try again."),
    431: ("request-headers-too-large", "The request's headers are too large."),
    500: ("internal-error", "The gateway failed."),
    502: ("bad-gateway", "The service gave an answer that can't be read."),
    503: ("unavailable", "The service does not answer now: try again."),
    504: ("timeout", "The service did not answer in time."),
}
POSTHOG_TYPES = {401: "authentication_error", 403: "authentication_error", 429: "throttled_error"}


@dataclass(frozen=True)
class Address:
    """A host (a name or an IPv4 address) and a port."""

    host: str
    port: int

    @property
    def numeric(self) -> bool:
        """Whether the host needs no DNS."""
        return self.host.replace(".", "").isdigit()


@dataclass(frozen=True)
class Gateway:
    """What differs between the places where the gateway runs."""

    listen: Address
    services: dict[str, Address]
    openapi: str
    admin_socket: str
    docs: str = str(FOLDER / "docs")
    traces: Address | None = None
    trace_ratio: float = 0.1
    cors_origins: tuple[str, ...] = ()
    requests_per_second: int = 20_000
    body_bytes: int = 1024 * 1024
    timeout_seconds: int = 30
    check_seconds: int = 2
    trusted_hops: int = 0
    drop_client_traces: bool = True


def error_body(status: int, dialect: routes.Dialect) -> str:
    """The gateway's own error document. Percent signs would be read as Envoy's variables: there are none."""
    code, detail = ERRORS[status]
    if dialect == "jsonapi":
        return json.dumps({"errors": [{"status": str(status), "code": code, "detail": detail}]})
    if dialect == "posthog":
        kind = POSTHOG_TYPES.get(status, "invalid_request" if status < 500 else "server_error")  # noqa: PLR2004
        return json.dumps({"type": kind, "code": code.replace("-", "_"), "detail": detail, "attr": None})
    title = code.replace("-", " ").capitalize()
    return json.dumps({"type": "about:blank", "title": title, "status": status, "code": code, "detail": detail})


def error_mappers() -> list[dict[str, Any]]:
    """One entry a dialect and status, in the order of matching; identity's own words stand for 401 and 403."""
    mappers: list[dict[str, Any]] = []
    dialects: dict[str, routes.Dialect] = {**routes.DIALECTS, "/": "jsonapi"}
    for prefix, dialect in dialects.items():
        for status in ERRORS:
            if dialect == "jsonapi" and status in {401, 403}:
                continue
            mappers.append(
                {
                    "prefix": prefix,
                    "status": status,
                    "body": error_body(status, dialect),
                    "type": "application/problem+json" if dialect == "problem" else "application/json",
                }
            )
    return mappers


def render(gateway: Gateway) -> str:
    """Envoy's configuration (YAML)."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(FOLDER),
        undefined=jinja2.StrictUndefined,
        autoescape=False,  # noqa: S701 - YAML, not HTML; every value goes through tojson
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("envoy.yaml.j2").render(
        gateway=gateway,
        routes=routes.table(),
        errors=error_mappers(),
        stripped=[*IDENTITY_HEADERS, *(TRACE_HEADERS if gateway.drop_client_traces else ())],
        docs=DOCS,
        secret_paths=f"({'|'.join(map(re.escape, routes.SECRET))})/.*",
    )
