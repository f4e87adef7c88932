"""Who somebody is, as the gateway and the services ask."""

from uuid import UUID

import msgspec
from msgspec import UNSET, UnsetType


class Authenticate(msgspec.Struct, rename="kebab", forbid_unknown_fields=True):
    """Whether the question comes from the edge, which then gets an internal token."""

    edge_request: bool = False


class Identity(msgspec.Struct, rename="kebab", kw_only=True):
    """The bearer of a credential. A service has no user id; a narrowed credential says what it is narrowed to."""

    user_id: UUID | None
    organization_id: UUID | None
    email: str | None
    roles: list[str]
    session_id: UUID | None
    scopes: list[str] | UnsetType = UNSET
    api_key_id: UUID | UnsetType = UNSET
    internal_token: str | UnsetType = UNSET


class Authenticated(msgspec.Struct):
    """The answer."""

    data: Identity
