"""The page behind the link of a mail's `List-Unsubscribe`.

Opening it changes nothing, for programs that look at mails open links, too; its one button does what a mail client's
own does (RFC 8058). It holds no script and loads nothing.
"""

from base64 import b64encode
from collections.abc import Mapping
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import Any

from jinja2 import Environment, StrictUndefined
from litestar import Request, Response
from markupsafe import Markup

HTML = "text/html"
WORDS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "asks": "Stop these messages?",
        "asking": "You will get no more messages of this kind ({channel}). What concerns your account still comes.",
        "button": "Unsubscribe",
        "done": "You are unsubscribed",
        "said": "You will get no more messages of this kind ({channel}). You can ask for them again in your settings.",
        "email": "by e-mail",
        "sms": "by text message",
    },
    "es": {
        "asks": "¿Dejar de recibir estos mensajes?",
        "asking": "No recibirá más mensajes de este tipo ({channel}). Lo relativo a su cuenta le seguirá llegando.",
        "button": "Cancelar la suscripción",
        "done": "Suscripción cancelada",
        "said": "No recibirá más mensajes de este tipo ({channel}). Puede volver a pedirlos en su configuración.",
        "email": "por correo electrónico",
        "sms": "por mensaje de texto",
    },
}


def wants_page(request: Request[Any, Any, Any]) -> bool:
    """Whether a person's browser asks, and not a mail client's one click."""
    return HTML in request.headers.get("accept", "")


def page(request: Request[Any, Any, Any], channel: str, *, done: bool) -> Response[Any]:
    """The question, or that it is done, in the first language of the browser that there is."""
    language = _language(request.headers.get("accept-language", ""))
    words = WORDS[language]
    text = _template().render(
        language=language,
        title=words["done" if done else "asks"],
        words=words["said" if done else "asking"].format(channel=words.get(channel, channel)),
        button=words["button"],
        asks=not done,
        style=Markup(_style()),  # noqa: S704 our own file
    )
    hashed = b64encode(sha256(_style().encode()).digest()).decode()
    allowed = f"style-src 'sha256-{hashed}'; form-action 'self'"
    headers = {
        "content-security-policy": f"default-src 'none'; {allowed}; base-uri 'none'; frame-ancestors 'none'",
        "content-language": language,
        "vary": "Accept, Accept-Language",
        "x-frame-options": "DENY",
        "x-content-type-options": "nosniff",
        "referrer-policy": "no-referrer",
        "cache-control": "no-store",
    }
    return Response(text, status_code=200, headers=headers, media_type=HTML)


def _language(accepted: str) -> str:
    """RFC 9110, section 12.5.4, without weights: browsers send the dearest first."""
    wanted = [one.strip()[:2].lower() for one in accepted[:200].split(",")]
    return next((one for one in wanted if one in WORDS), "en")


@cache
def _template() -> Any:
    return Environment(autoescape=True, undefined=StrictUndefined).from_string(_text("unsubscribe.html"))


@cache
def _style() -> str:
    return _text("style.css")


def _text(name: str) -> str:
    return (files("notifications.communication_preferences") / "pages" / name).read_text("utf-8")
