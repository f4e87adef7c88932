"""Pages of the provider: rendered on the server, and closed to what other pages might do with them.

The one script is ours, stands in the page, and does nothing but ask for a passkey; the policy names its hash.
"""

import base64
import hashlib
from functools import cache, partial
from importlib import resources
from typing import Any
from urllib.parse import urlsplit

from jinja2 import Environment, PackageLoader, StrictUndefined
from litestar import Response
from litestar.datastructures import Cookie

from identity.openid.pages import languages
from identity.openid.pages.looks import PLAIN
from identity.throttling.callers import AnyRequest

HTML = "text/html"
WITH_PASSKEYS = frozenset({"sign-in", "second-factor"})


def page(
    request: AnyRequest,
    name: str,
    *,
    status: int = 200,
    client_address: str | None = None,
    cookies: tuple[Cookie, ...] = (),
    **values: Any,
) -> Response[Any]:
    """The page `name` with `values`, in the language that is asked for and the look that `visiting` noted.

    Its forms lead here, and on to `client_address` if one is given: browsers hold redirects that follow a form to the
    form's policy, too, so the client's origin stands in it.
    """
    language, script = languages.choose(request), _text("passkey.js") if name in WITH_PASSKEYS else ""
    standing: dict[str, Any] = {
        "language": language,
        "t": partial(languages.say, language),
        "speaks": partial(languages.speaks, language),
        "look": request.state.get("look") or PLAIN,
        "style": _text("style.css"),
        "script": script,
        "problem": None,
    }
    text = _environment().get_template(f"{name}.html").render(standing | values)
    headers = {
        "content-security-policy": _policy(client_address, scripted=bool(script)),
        "content-language": language,
        "vary": "Accept-Language",
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
        loader=PackageLoader("identity.openid.pages"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


@cache
def _text(file: str) -> str:
    return resources.files("identity.openid.pages").joinpath("templates", file).read_text("utf-8")


@cache
def _hash(file: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(_text(file).encode()).digest()).decode()}'"


def _policy(client_address: str | None, *, scripted: bool) -> str:
    script = f"script-src {_hash('passkey.js')}; connect-src 'self'; " if scripted else ""
    return (
        f"default-src 'none'; {script}style-src {_hash('style.css')}; img-src 'self' data:; "
        f"form-action 'self'{_origin(client_address)}; base-uri 'none'; frame-ancestors 'none'"
    )


def _origin(address: str | None) -> str:
    """The origin of a registered address as a source of a policy: a host, or the scheme of an application's own."""
    if address is None:
        return ""
    parts = urlsplit(address)
    return f" {parts.scheme}://{parts.netloc}" if parts.scheme in {"http", "https"} else f" {parts.scheme}:"
