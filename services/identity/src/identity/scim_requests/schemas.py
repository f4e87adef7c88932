"""A directory's requests as documents."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from jsonapi import Collection, Paged

KIND = "scim-requests"


class ScimRequestAttributes(msgspec.Struct, rename="kebab", kw_only=True):
    """One request of the organization's directory: by whom, to what, and how it was answered."""

    organization_id: UUID
    requested_at: datetime
    actor: str
    method: str
    path: str
    status: int
    scim_type: str | None
    problem: str | None
    milliseconds: int


class ScimRequestsQuery(Paged, kw_only=True):
    """Whose directory; on demand only what failed, or what concerned one resource."""

    organization_id: UUID = msgspec.field(name="organization-id")
    failed: bool | None = msgspec.field(name="filter[failed]", default=None)
    method: Annotated[str, msgspec.Meta(pattern="^(GET|POST|PUT|PATCH|DELETE)$")] | None = msgspec.field(
        name="filter[method]", default=None
    )
    resource_id: UUID | None = msgspec.field(name="filter[resource-id]", default=None)


ScimRequestCollection = Collection[Literal["scim-requests"], ScimRequestAttributes]
