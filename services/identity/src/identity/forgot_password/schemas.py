"""Forgetting a password."""

from typing import Annotated, Literal

import msgspec


class ForgotPassword(msgspec.Struct, rename="kebab", forbid_unknown_fields=True):
    """Whose password, and how the code shall come."""

    username: Annotated[str, msgspec.Meta(max_length=255)]
    source: Literal["email", "sms"] = "email"


class ForgotPasswordAnswer(msgspec.Struct):
    """The same for every username."""
