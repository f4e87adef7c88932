"""Service accounts as documents."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from jsonapi import ChangeDocument, Collection, Document, NewDocument, Paged
from msgspec import UNSET, UnsetType

KIND = "service-accounts"
State = Literal["active", "disabled"]
Name = Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
Description = Annotated[str, msgspec.Meta(max_length=1000, pattern=r"^[^\x00]*$")]


class ServiceAccountAttributes(msgspec.Struct, rename="kebab", kw_only=True):
    """A machine of an organization. Its id is a user's everywhere: in roles, memberships, groups and the audit trail.

    `acts-for-users` says that it may get tokens to act for users of the organization. `roles` are those it has there.
    """

    organization_id: UUID
    name: str
    description: str | None
    acts_for_users: bool
    state: State
    roles: list[str]
    created_by: UUID | None
    created_at: datetime
    last_modified_at: datetime


class NewServiceAccountAttributes(msgspec.Struct, rename="kebab", forbid_unknown_fields=True, kw_only=True):
    """A machine to be made. It becomes a member of the organization's staff; further roles are given as to a person."""

    name: Name
    organization_id: UUID | None = None
    description: Description | None = None
    acts_for_users: bool = False


class ChangedServiceAccountAttributes(msgspec.Struct, rename="kebab", forbid_unknown_fields=True, kw_only=True):
    """What changes of a machine."""

    name: Name | UnsetType = UNSET
    description: Description | None | UnsetType = UNSET
    acts_for_users: bool | UnsetType = UNSET


class Nothing(msgspec.Struct, forbid_unknown_fields=True):
    """An empty body."""


class ServiceAccountsQuery(Paged, kw_only=True):
    """Which machines: of organizations that one administers."""

    organization_id: UUID | None = msgspec.field(name="filter[organization-id]", default=None)
    state: State | None = msgspec.field(name="filter[state]", default=None)


ServiceAccountDocument = Document[Literal["service-accounts"], ServiceAccountAttributes]
ServiceAccountCollection = Collection[Literal["service-accounts"], ServiceAccountAttributes]
NewServiceAccount = NewDocument[Literal["service-accounts"], NewServiceAccountAttributes]
ChangedServiceAccount = ChangeDocument[Literal["service-accounts"], ChangedServiceAccountAttributes]
