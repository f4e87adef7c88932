"""The types of messages that organizations may write themselves, and the variables that each has."""

from collections.abc import Mapping
from typing import Literal

import msgspec

Channel = Literal["email", "sms"]
EmailType = Literal[
    "forgot-password",
    "messaging-patient",
    "messaging-provider",
    "onboarding",
    "onboarding-provider",
    "reverify-email",
    "verify-email",
]
SmsType = Literal["onboarding", "onboarding-provider", "reset-password", "verify"]
Locale = Literal["en_US", "es_US"]
Format = Literal["html", "txt"]

ALWAYS = {
    "first_name": "Ana",
    "last_name": "Ruiz",
    "organization": "Harbour Clinic",
    "support_email": "support@example.org",
    "support_email_title": "Harbour support",
}
CODE = {"code": "482913"}
USERNAME = {"username": "ana.ruiz"}

SAMPLES: Mapping[str, Mapping[str, str]] = {
    "forgot-password": ALWAYS | CODE | USERNAME,
    "messaging-patient": ALWAYS | USERNAME,
    "messaging-provider": ALWAYS | USERNAME,
    "onboarding": ALWAYS | CODE | USERNAME,
    "onboarding-provider": ALWAYS | CODE | USERNAME,
    "reverify-email": ALWAYS | CODE | USERNAME,
    "verify-email": ALWAYS | CODE | USERNAME,
    "reset-password": ALWAYS | CODE | USERNAME,
    "verify": ALWAYS | CODE | USERNAME,
}
"""A type's variables, each with the value that previews and test sends show."""

MESSAGES: Mapping[tuple[str, str], str] = {
    ("email", "forgot-password-code"): "forgot-password",
    ("email", "messaging-patient"): "messaging-patient",
    ("email", "messaging-provider"): "messaging-provider",
    ("email", "onboarding"): "onboarding",
    ("email", "onboarding-provider"): "onboarding-provider",
    ("email", "change-email-code"): "reverify-email",
    ("email", "sign-up-code"): "verify-email",
    ("sms", "onboarding"): "onboarding",
    ("sms", "onboarding-provider"): "onboarding-provider",
    ("sms", "forgot-password-code"): "reset-password",
    ("sms", "sign-up-code"): "verify",
    ("sms", "confirm-phone-code"): "verify",
}
"""The template type of a message, by channel and the message's own type; other messages have the platform's texts."""


OPTIONAL = frozenset({"messaging-patient", "messaging-provider"})
"""Types of messages that a person need not have. All others are about their account, and always go out."""

BULK = OPTIONAL | {"onboarding", "onboarding-provider", "registration-invitation"}
"""Types that an organization sends to many at once: they come after what somebody's account needs, and have limits of
their own."""


class Written(msgspec.Struct, frozen=True, kw_only=True):
    """A template as somebody wrote it. `format` is txt for short messages, which have no subject."""

    type: str
    locale: str
    format: str
    template: str
    subject: str = ""
    support_email: str | None = None
    support_email_title: str | None = None
