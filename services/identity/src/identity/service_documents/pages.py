"""Documents as pages: what is taken in is cleaned, what goes out can run nothing.

A page is cleaned when it is saved (an allow list; no scripts, styles, forms or frames; pictures only inside of it) and
served with a Content-Security-Policy that allows no script and no request, sandboxed into an origin of its own.
"""

import base64
import hashlib
from copy import deepcopy
from html import escape

import nh3

PICTURES = ("data:image/png;", "data:image/jpeg;", "data:image/gif;", "data:image/webp;")
SCHEMES = {"http", "https", "mailto", "tel", "data"}
ATTRIBUTES = deepcopy(nh3.ALLOWED_ATTRIBUTES)
ATTRIBUTES.setdefault("*", set()).update({"id", "lang", "dir", "title"})

REFLOW = (
    "html{-webkit-text-size-adjust:100%;text-size-adjust:100%}"
    "body{margin:0 auto;padding:1rem;max-width:42rem;font:1rem/1.5 system-ui,sans-serif;overflow-wrap:anywhere}"
    "img,table,pre{max-width:100%}img{height:auto}table{display:block;overflow-x:auto}pre{white-space:pre-wrap}"
)
VIEWPORT = '<meta name="viewport" content="width=device-width,initial-scale=1">'
STYLE_HASH = base64.b64encode(hashlib.sha256(REFLOW.encode()).digest()).decode()
HEADERS = {
    "content-security-policy": (
        f"default-src 'none'; img-src data:; style-src 'sha256-{STYLE_HASH}'; base-uri 'none'; form-action 'none'; "
        "sandbox allow-popups allow-popups-to-escape-sandbox allow-top-navigation-by-user-activation"
    ),
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
}


def cleaned(html: str) -> str:
    """What may be kept of a page; empty where nothing of it may."""
    kept = nh3.clean(
        html,
        attributes=ATTRIBUTES,
        url_schemes=SCHEMES,
        attribute_filter=_attribute,
        link_rel="noopener noreferrer",
        strip_comments=True,
    )
    return kept.strip()


def page(title: str, locale: str, html: str, *, reflow: bool) -> str:
    """The whole page around what was kept; `reflow` fits it to small screens."""
    head = f"{VIEWPORT}<style>{REFLOW}</style>" if reflow else ""
    return (
        f'<!doctype html><html lang="{escape(locale.replace("_", "-"))}"><head><meta charset="utf-8">'
        f"<title>{escape(title)}</title>{head}</head><body>{html}</body></html>"
    )


def _attribute(element: str, attribute: str, value: str) -> str | None:
    """Data only as a picture, and pictures only as data: a page tells nobody that it is read."""
    picture = value.lower().startswith(PICTURES)
    if (element, attribute) == ("img", "src"):
        return value if picture else None
    return None if value.strip().lower().startswith("data:") else value
