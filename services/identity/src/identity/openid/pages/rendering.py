"""Pages of the provider: rendered on the server, without scripts, and closed to what other pages might do with them."""

import base64
import hashlib
from functools import cache
from importlib import resources
from typing import Any
from urllib.parse import urlsplit

from jinja2 import Environment, PackageLoader, StrictUndefined
from litestar import Response
from litestar.datastructures import Cookie

from identity.throttling.callers import AnyRequest

HTML = "text/html"


def page(
    request: AnyRequest,
    name: str,
    *,
    status: int = 200,
    client_address: str | None = None,
    cookies: tuple[Cookie, ...] = (),
    **values: Any,
) -> Response[Any]:
    """The page `name` with `values`. Its forms lead here, and on to `client_address` if one is given.

    Browsers hold redirects that follow a form to the form's policy, too, so the client's origin stands in it.
    """
    _ = request
    text = _environment().get_template(f"{name}.html").render(style=_style(), **values)
    headers = {
        "content-security-policy": _policy(client_address),
        "x-frame-options": "DENY",
        "x-content-type-options": "nosniff",
        "referrer-policy": "no-referrer",
        "cross-origin-opener-policy": "same-origin",
        "cache-control": "no-store",
    }
    return Response(text, status_code=status, headers=headers, cookies=list(cookies), media_type=HTML)


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("identity.openid.pages"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )


@cache
def _style() -> str:
    return resources.files("identity.openid.pages").joinpath("templates", "style.css").read_text()


@cache
def _style_hash() -> str:
    return base64.b64encode(hashlib.sha256(_style().encode()).digest()).decode()


def _policy(client_address: str | None) -> str:
    return (
        f"default-src 'none'; style-src 'sha256-{_style_hash()}'; img-src 'self' data:; "
        f"form-action 'self'{_origin(client_address)}; base-uri 'none'; frame-ancestors 'none'"
    )


def _origin(address: str | None) -> str:
    """The origin of a registered address as a source of a policy: a host, or the scheme of an application's own."""
    if address is None:
        return ""
    parts = urlsplit(address)
    return f" {parts.scheme}://{parts.netloc}" if parts.scheme in {"http", "https"} else f" {parts.scheme}:"
