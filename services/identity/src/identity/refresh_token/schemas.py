"""What refreshing takes."""

from typing import Annotated

import msgspec

Interactive = Annotated[bool, msgspec.Meta(description="Somebody is there who could be asked for an agreement.")]


class RefreshToken(msgspec.Struct, rename="kebab", forbid_unknown_fields=True):
    """A refresh token, and whether a person is present."""

    refresh_token: Annotated[str, msgspec.Meta(max_length=2048)]
    interactive: Interactive = False
