"""Confirming a sign-up."""

from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, UnsetType

from identity.sessions.schemas import LoginError, SignedIn


class ConfirmSignUp(msgspec.Struct, rename="kebab", forbid_unknown_fields=True, kw_only=True):
    """The code that was sent, and whether to sign in at once."""

    username: Annotated[str, msgspec.Meta(max_length=255)]
    confirmation_code: Annotated[str, msgspec.Meta(max_length=20)]
    login: bool = False
    tz: Annotated[str, msgspec.Meta(max_length=64)] | None = None


class ConfirmSignUpAnswer(SignedIn, kw_only=True):
    """What the person is, with their tokens if they wanted to sign in."""

    account_type: Literal["provider", "patient"]
    login_error: LoginError | UnsetType = UNSET
