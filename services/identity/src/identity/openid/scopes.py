"""What clients may be given.

Scopes of OpenID Connect say what of a person a client is told; the platform's own are what its access tokens open: an
operation names the one that it takes, and is closed to tokens without it.
"""

from contracts.scopes import SCOPES

OPENID, OFFLINE = "openid", "offline_access"
ABOUT_PEOPLE = {
    OPENID: "Know who you are.",
    "profile": "See your name, language and time zone.",
    "email": "See your e-mail address.",
    "phone": "See your phone number.",
    OFFLINE: "Stay connected when you have signed out here.",
}
"""The scopes of OpenID Connect (Core, sections 5.4 and 11), in words for the person who is asked."""

CLAIMS: dict[str, tuple[str, ...]] = {
    "profile": (
        "name",
        "given_name",
        "family_name",
        "nickname",
        "preferred_username",
        "birthdate",
        "gender",
        "locale",
        "zoneinfo",
        "updated_at",
    ),
    "email": ("email", "email_verified"),
    "phone": ("phone_number", "phone_number_verified"),
}
"""The claims that a scope stands for (OpenID Connect Core, section 5.4)."""

KNOWN = (*ABOUT_PEOPLE, *SCOPES)


def own(scopes: list[str]) -> list[str]:
    """Those that a client may have in its own name, without a person."""
    return [scope for scope in scopes if scope in SCOPES]


def in_words(scope: str) -> str:
    """What a scope lets a client do."""
    return ABOUT_PEOPLE.get(scope) or SCOPES.get(scope, scope)
