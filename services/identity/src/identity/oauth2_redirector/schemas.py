"""What OpenID Providers answer with."""

from typing import Annotated
from uuid import UUID

import msgspec
from jsonapi import Query

Value = Annotated[str, msgspec.Meta(max_length=1024)]


class RedirectQuery(Query, kw_only=True, forbid_unknown_fields=False):
    """The provider's answer: a code, or why there is none."""

    state: UUID
    code: Value | None = None
    iss: Value | None = None
    error: Value | None = None
