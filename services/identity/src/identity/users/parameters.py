"""The parameters of users' operations."""

from typing import Annotated, Literal
from uuid import UUID

import msgspec
from jsonapi import Comparators, Paged, Query, Text

from identity.users.schemas import Classification

Sort = Literal["-email", "-first-name", "-id", "-last-name", "email", "first-name", "id", "last-name"]
Invite = Literal["accepted", "failed", "none", "sent"]


class UsersQuery(Paged, kw_only=True):
    """Which users. By default verified, active staff; the `include-` parameters widen that."""

    text: Text | None = None
    email: Text | None = msgspec.field(name="filter[email]", default=None)
    username: Text | None = msgspec.field(name="filter[username]", default=None)
    phone_number: Annotated[str, msgspec.Meta(max_length=30)] | None = msgspec.field(
        name="filter[phone-number]", default=None
    )
    classification: Classification | None = msgspec.field(name="filter[classification]", default=None)
    email_verified: bool | None = msgspec.field(name="filter[email-verified]", default=None)
    enabled: bool | None = msgspec.field(name="filter[enabled]", default=None)
    include_inactive: bool = msgspec.field(name="filter[include-inactive]", default=False)
    include_participants: bool = msgspec.field(name="filter[include-participants]", default=False)
    include_tester: bool = msgspec.field(name="filter[include-tester]", default=True)
    include_unverified: bool = msgspec.field(name="filter[include-unverified]", default=False)
    organization_admin: Literal["true"] | None = msgspec.field(name="filter[organization-admin]", default=None)
    primary_individual_ids: list[UUID] | None = msgspec.field(name="filter[primary-individual-ids]", default=None)
    registration_invite: list[Invite] | None = msgspec.field(name="filter[registration-invite]", default=None)
    modified: Comparators | None = msgspec.field(name="filter[cmp-last-modified-time]", default=None)
    organization_id: UUID | None = msgspec.field(name="organization-id", default=None)
    shared_with_id: UUID | None = msgspec.field(name="shared-with-id", default=None)
    sort_by: Annotated[list[Sort], msgspec.Meta(max_length=1)] | None = msgspec.field(name="sort-by", default=None)


class UserQuery(Query, kw_only=True):
    """What to show of a user."""

    organization_id: UUID | None = msgspec.field(name="organization-id", default=None)
    with_roles: bool = msgspec.field(name="with-roles", default=False)
    with_signups: bool = msgspec.field(name="with-signups", default=False)
