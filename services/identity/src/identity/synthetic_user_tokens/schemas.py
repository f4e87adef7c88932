"""Tokens by which a service account acts for a user."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec

Claim = Annotated[str, msgspec.Meta(min_length=1, max_length=100, pattern=r"^[A-Za-z][A-Za-z0-9_:/.-]*$")]
Value = Annotated[str, msgspec.Meta(max_length=1000)]
Seconds = Annotated[int, msgspec.Meta(ge=1, le=3600)]


class AdditionalClaim(msgspec.Struct, forbid_unknown_fields=True):
    """Something more that the token says; applications read it, the platform does not."""

    claim: Claim
    value: Value


class Wanted(msgspec.Struct, rename="kebab", forbid_unknown_fields=True, kw_only=True):
    """For whom, where, for how many seconds, and what else the token shall say."""

    user_id: UUID
    organization_id: UUID | None = None
    expiration_secs: Seconds = 1800
    additional_claims: Annotated[list[AdditionalClaim], msgspec.Meta(max_length=20)] = []


class NewUserToken(msgspec.Struct, forbid_unknown_fields=True):
    """What is asked for."""

    data: Wanted


class Issued(msgspec.Struct, rename="kebab", kw_only=True):
    """The token, and the session of the user's that it belongs to: ending that ends the token."""

    access_token: str
    expiration_secs: int
    expiration_time: datetime
    session_id: UUID


class UserToken(msgspec.Struct):
    """The answer."""

    data: Issued
