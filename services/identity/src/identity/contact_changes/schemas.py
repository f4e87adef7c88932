"""Changing an e-mail address or phone number."""

from typing import Annotated

import msgspec

Code = Annotated[str, msgspec.Meta(max_length=20)]


class ChangeEmail(msgspec.Struct, forbid_unknown_fields=True):
    """The new address."""

    email: Annotated[str, msgspec.Meta(max_length=255)]


class ConfirmEmail(msgspec.Struct, rename="kebab", forbid_unknown_fields=True):
    """The code that came to the new address."""

    confirmation_code: Code


class ConfirmPhone(msgspec.Struct, rename="kebab", forbid_unknown_fields=True):
    """A phone number, and the code that came to it once there is one."""

    phone_number: Annotated[str, msgspec.Meta(max_length=30)]
    confirmation_code: Code | None = None
