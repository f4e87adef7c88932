"""Requests to act as a user as documents."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from jsonapi import Collection, Document, NewDocument, Paged

KIND = "impersonation-requests"
State = Literal["requested", "approved", "denied", "expired"]
Reason = Annotated[str, msgspec.Meta(min_length=1, max_length=1000)]
AccessSeconds = Annotated[int, msgspec.Meta(ge=0, le=3600)]
SessionSeconds = Annotated[int, msgspec.Meta(ge=0, le=10_800)]


class Target(msgspec.Struct):
    """As whom somebody asks to act."""

    id: UUID
    email: str | None


class RequestAttributes(msgspec.Struct, rename="kebab", kw_only=True):
    """A request. `expiration-time` is until when it waits, then may be used, then until when its sessions end."""

    user: Target
    state: State
    reason: str
    created_by: UUID
    created_at: datetime
    decided_by: UUID | None
    decided_at: datetime | None
    used_at: datetime | None
    expiration_time: datetime


class NewRequestAttributes(msgspec.Struct, rename="kebab", forbid_unknown_fields=True):
    """As whom to act, and why; the person reads the reason."""

    user_id: UUID
    reason: Reason


class Impersonate(msgspec.Struct, rename="kebab", forbid_unknown_fields=True):
    """How long the tokens shall live, in seconds."""

    access_token_expiration_seconds: AccessSeconds = 3600
    refresh_token_expiration_seconds: SessionSeconds = 10_800


class RequestsQuery(Paged, kw_only=True):
    """Which requests."""

    created_by: UUID | None = msgspec.field(name="filter[created-by]", default=None)
    user_email: Annotated[str, msgspec.Meta(max_length=255)] | None = msgspec.field(
        name="filter[user-email]", default=None
    )
    user_id: UUID | None = msgspec.field(name="filter[user-id]", default=None)


RequestDocument = Document[Literal["impersonation-requests"], RequestAttributes]
RequestCollection = Collection[Literal["impersonation-requests"], RequestAttributes]
NewRequest = NewDocument[Literal["impersonation-requests"], NewRequestAttributes]
