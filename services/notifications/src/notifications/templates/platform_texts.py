"""The platform's own texts: package files by locale and type, English where a locale or type is missing."""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

import msgspec
from jinja2 import Template
from markupsafe import Markup

from notifications.templates.html import inlined
from notifications.templates.restricted import TemplateProblem, compiled, rendered

DEFAULT_LOCALE = "en_US"
TYPES = (
    "sign-up-code",
    "sign-up-existing",
    "forgot-password-code",
    "password-changed",
    "account-disabled",
    "change-email-code",
    "change-email-existing",
    "change-email-notice",
    "email-changed",
    "confirm-phone-code",
    "phone-changed",
    "totp-enabled",
    "totp-disabled",
    "recovery-code-used",
    "passkey-added",
    "passkey-removed",
    "passkey-suspended",
    "onboarding",
    "onboarding-provider",
    "registration-invitation",
    "impersonation-started",
    "messaging-patient",
    "messaging-provider",
)
ROOT = files("notifications") / "templates" / "platform"


class Rendered(msgspec.Struct, frozen=True):
    """A message's texts. `reply_to` is the address that answers go to, empty for the sender's."""

    subject: str
    text: str
    html: str
    reply_to: str = ""


@cache
def locales() -> tuple[str, ...]:
    """The locales that the platform speaks."""
    return tuple(sorted(entry.name for entry in ROOT.iterdir() if entry.is_dir()))


def nearest(locale: str) -> str:
    """The locale itself, one of the same language, or English."""
    wanted = locale.replace("-", "_")
    language = wanted.partition("_")[0].lower()
    known = [name for name in locales() if name == wanted] + [
        name for name in locales() if name.startswith(f"{language}_")
    ]
    return known[0] if known else DEFAULT_LOCALE


def email(kind: str, locale: str, variables: Mapping[str, Any]) -> Rendered:
    """A mail's texts. Raises TemplateProblem for an unknown type or a missing variable."""
    chosen = nearest(locale)
    title = _subject(kind, chosen)
    body = rendered(_template(chosen, f"{kind}.html"), variables)
    return Rendered(
        subject=title,
        text=rendered(_template(chosen, f"{kind}.txt"), variables),
        html=inlined(framed(title, body, chosen)),
    )


def framed(title: str, body: str, locale: str) -> str:
    """A whole page around a body, which was escaped where it was rendered."""
    frame = {"title": title, "body": Markup(body), "language": locale.partition("_")[0], **_words(locale)}  # noqa: S704
    return rendered(_frame(), frame)


def sms(kind: str, locale: str, variables: Mapping[str, Any]) -> Rendered:
    """A short message's text. Raises TemplateProblem for an unknown type or a missing variable."""
    return Rendered(subject="", text=rendered(_template(nearest(locale), f"{kind}.sms.txt"), variables), html="")


def _subject(kind: str, locale: str) -> str:
    try:
        return _subjects(locale)["subjects"][kind]
    except KeyError:
        raise TemplateProblem(f"There is no template for {kind}.") from None


def _words(locale: str) -> dict[str, str]:
    return _subjects(locale)["frame"]


@cache
def _subjects(locale: str) -> dict[str, dict[str, str]]:
    return tomllib.loads((ROOT / locale / "subjects.toml").read_text())


@cache
def _template(locale: str, name: str) -> Template:
    file = ROOT / locale / name
    if name.partition(".")[0] not in TYPES or not file.is_file():
        raise TemplateProblem(f"There is no template {locale}/{name}.")
    return compiled(file.read_text(), html=name.endswith(".html"))


@cache
def _frame() -> Template:
    return compiled((ROOT / "frame.html").read_text(), html=True)
