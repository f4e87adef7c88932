"""What a message says, while it is sealed."""

from typing import Literal

import msgspec

Channel = Literal["email", "sms", "in-app"]


class Content(msgspec.Struct, frozen=True, kw_only=True):
    """What is sealed."""

    recipient: str
    locale: str
    variables: dict[str, str]
