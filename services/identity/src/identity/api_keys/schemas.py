"""API keys as documents."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from jsonapi import Collection, Document, NewDocument, Paged
from msgspec import UNSET, UnsetType

KIND = "api-keys"
State = Literal["active", "expired", "revoked"]
Name = Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
Scope = Annotated[str, msgspec.Meta(max_length=50)]
Scopes = Annotated[list[Scope], msgspec.Meta(min_length=1, max_length=50)]
OverlapSeconds = Annotated[int, msgspec.Meta(ge=0, le=7 * 24 * 3600)]
DAY = 24 * 3600


class ApiKeyAttributes(msgspec.Struct, rename="kebab", kw_only=True):
    """A key. `key` is there only in the answer that made it; `start` is how the secret that counts now begins.

    It acts as `user-id`, a person or a service account, as far as `scopes` go. `previous-until` is until when the
    secret before the last rotation still counts.
    """

    organization_id: UUID
    user_id: UUID
    service_account_id: UUID | None
    name: str
    scopes: list[str]
    start: str
    state: State
    created_by: UUID | None
    created_at: datetime
    expires_at: datetime | None
    previous_until: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None
    key: str | UnsetType = UNSET


class NewApiKeyAttributes(msgspec.Struct, rename="kebab", forbid_unknown_fields=True, kw_only=True):
    """A key to be made: for oneself, or for a service account of the organization that one administers."""

    name: Name
    scopes: Scopes
    organization_id: UUID | None = None
    service_account_id: UUID | None = None
    expires_at: datetime | None = None


class Rotate(msgspec.Struct, rename="kebab", forbid_unknown_fields=True):
    """For how many seconds the secret so far still counts beside the new one; 0 ends it at once."""

    overlap_seconds: OverlapSeconds = DAY


class ApiKeysQuery(Paged, kw_only=True):
    """Which keys. One's own, and those of organizations that one administers."""

    organization_id: UUID | None = msgspec.field(name="filter[organization-id]", default=None)
    user_id: UUID | None = msgspec.field(name="filter[user-id]", default=None)
    service_account_id: UUID | None = msgspec.field(name="filter[service-account-id]", default=None)
    state: State | None = msgspec.field(name="filter[state]", default=None)


class ScopeAttributes(msgspec.Struct):
    """What a scope opens."""

    description: str


ApiKeyDocument = Document[Literal["api-keys"], ApiKeyAttributes]
ApiKeyCollection = Collection[Literal["api-keys"], ApiKeyAttributes]
NewApiKey = NewDocument[Literal["api-keys"], NewApiKeyAttributes]
ScopeCollection = Collection[Literal["scopes"], ScopeAttributes]
