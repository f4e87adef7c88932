"""What goes in and out."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from jsonapi import ChangeDocument, Collection, Document, NewDocument, Paged
from msgspec import UNSET, Meta, UnsetType

from authz.index.conditions import LONGEST
from authz.index.grants import SubjectKind

KIND = "access-grants"

ResourceType = Annotated[
    str, Meta(max_length=64, pattern=r"^(organization|group|individual|app\.[a-z0-9]+([._-][a-z0-9]+)*)$")
]
"""One of the platform's own types, or an application's: `app.` and its name."""
ResourceId = Annotated[str, Meta(min_length=1, max_length=128, pattern=r"^[^:\x00-\x1f\x7f]+$")]
"""A UUID for the platform's own types. An id is public: it holds no person's data."""
Operation = Annotated[str, Meta(max_length=48, pattern=r"^[a-z][a-z0-9]*([._-][a-z0-9]+)*$")]
ConditionText = Annotated[str, Meta(min_length=1, max_length=LONGEST)]


class AccessGrantsQuery(Paged, kw_only=True):
    """Which grants."""

    organization_id: UUID | None = msgspec.field(name="organization-id", default=None)
    subject_type: SubjectKind | None = msgspec.field(name="filter[subject-type]", default=None)
    subject_id: UUID | None = msgspec.field(name="filter[subject-id]", default=None)
    resource_type: ResourceType | None = msgspec.field(name="filter[resource-type]", default=None)
    resource_id: ResourceId | None = msgspec.field(name="filter[resource-id]", default=None)
    operation: Operation | None = msgspec.field(name="filter[operation]", default=None)
    expired: bool | None = msgspec.field(name="filter[expired]", default=None)


class AccessGrantAttributes(msgspec.Struct, rename="kebab"):
    """A grant. One without an organization was made by a service or the operator."""

    organization_id: UUID | None
    subject_type: SubjectKind
    subject_id: UUID
    resource_type: str
    resource_id: str
    operation: str
    expires_at: datetime | None
    condition: str | None
    expired: bool
    created_by: UUID | None
    created_time: datetime
    last_modified_time: datetime


class NewAccessGrant(msgspec.Struct, rename="kebab", forbid_unknown_fields=True):
    """A grant to be made."""

    subject_type: SubjectKind
    subject_id: UUID
    resource_type: ResourceType
    resource_id: ResourceId
    operation: Operation
    organization_id: UUID | None = None
    expires_at: datetime | None = None
    condition: ConditionText | None = None


class AccessGrantChanges(msgspec.Struct, rename="kebab", forbid_unknown_fields=True):
    """What may change of a grant; null takes it away."""

    expires_at: datetime | UnsetType | None = UNSET
    condition: ConditionText | UnsetType | None = UNSET


AccessGrantDocument = Document[Literal["access-grants"], AccessGrantAttributes]
AccessGrantCollection = Collection[Literal["access-grants"], AccessGrantAttributes]
NewAccessGrantDocument = NewDocument[Literal["access-grants"], NewAccessGrant]
ChangeAccessGrantDocument = ChangeDocument[Literal["access-grants"], AccessGrantChanges]
