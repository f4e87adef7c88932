"""What clients may be given.

Scopes of OpenID Connect say what of a person a client is told; the others, `resource:read` and `resource:write`, are
what its access tokens open: every operation names the one it takes, and takes no token without it.
"""

import re

OPENID = "openid"
OFFLINE = "offline_access"
ABOUT_PEOPLE = ("openid", "profile", "email", "phone", "offline_access")
RESOURCE = re.compile(r"^[a-z][a-z0-9_]{0,49}:(read|write)$")

CLAIMS: dict[str, tuple[str, ...]] = {
    "profile": (
        "name",
        "given_name",
        "family_name",
        "nickname",
        "preferred_username",
        "birthdate",
        "locale",
        "zoneinfo",
        "updated_at",
    ),
    "email": ("email", "email_verified"),
    "phone": ("phone_number", "phone_number_verified"),
}
"""The claims that each scope stands for (OpenID Connect Core, section 5.4)."""


def is_known(scope: str) -> bool:
    """Whether there is such a scope."""
    return scope in ABOUT_PEOPLE or RESOURCE.match(scope) is not None


def opens(scopes: list[str]) -> list[str]:
    """Those that a client may have in its own name, without a person."""
    return [scope for scope in scopes if scope not in ABOUT_PEOPLE]
