"""Setting a forgotten password."""

from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, UnsetType

from identity.sessions.schemas import LoginError, SignedIn


class ConfirmForgotPassword(msgspec.Struct, rename="kebab", forbid_unknown_fields=True, kw_only=True):
    """The code that was sent and the new password."""

    username: Annotated[str, msgspec.Meta(max_length=255)]
    confirmation_code: Annotated[str, msgspec.Meta(max_length=20)]
    password: Annotated[str, msgspec.Meta(max_length=255)]
    login: bool = False
    source: Literal["email", "sms"] | None = None


class ConfirmForgotPasswordAnswer(SignedIn, kw_only=True):
    """Tokens, if the person wanted to sign in."""

    login_error: LoginError | UnsetType = UNSET
