"""What the token endpoint's old name takes."""

from typing import Annotated, Literal

import msgspec

Short = Annotated[str, msgspec.Meta(max_length=100)]
Long = Annotated[str, msgspec.Meta(max_length=255)]


class CodeGrant(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """A code and the client's secret."""

    client_id: Short
    client_secret: Long
    code: Long
    grant_type: Literal["authorization_code"]
    redirect_uri: Long | None = None
    code_verifier: Annotated[str, msgspec.Meta(max_length=128)] | None = None
