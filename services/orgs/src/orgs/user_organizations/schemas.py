"""Memberships as they go in and out."""

from typing import Literal
from uuid import UUID

import msgspec
from jsonapi import Collection, Document, NewDocument, Paged

KIND = "user-organizations"


class MembershipAttributes(msgspec.Struct, rename="kebab"):
    """A person in an organization. `organization_count` says to how many organizations the person belongs."""

    organization_count: int
    organization_display_name: str
    organization_id: UUID
    organization_name: str
    user_id: UUID
    account_type: str
    roles: list[str]


class NewMembership(msgspec.Struct, rename="kebab", forbid_unknown_fields=True):
    """Who joins which organization's staff, as org.member."""

    organization_id: UUID
    user_id: UUID


class MembershipQuery(Paged, kw_only=True):
    """Parameters of the list of memberships."""

    organization_id: UUID | None = msgspec.field(name="organization-id", default=None)
    user_id: UUID | None = msgspec.field(name="user-id", default=None)


MembershipDocument = Document[Literal["user-organizations"], MembershipAttributes]
MembershipCollection = Collection[Literal["user-organizations"], MembershipAttributes]
NewMembershipDocument = NewDocument[Literal["user-organizations"], NewMembership]
