"""What goes in and out."""

from typing import Annotated, Literal
from uuid import UUID

import msgspec
from jsonapi import NewDocument, NumberedCollection, NumberedDocument, Paged


class RoleUsersQuery(Paged, kw_only=True):
    """Which role."""

    role_id: UUID = msgspec.field(name="role-id")


class RoleSummary(msgspec.Struct):
    """A role."""

    id: UUID
    name: str


class UserSummary(msgspec.Struct):
    """A user; the e-mail is missing while identity does not answer."""

    id: UUID
    email: str | None


class RoleUserAttributes(msgspec.Struct):
    """A user has a role."""

    role: RoleSummary
    user: UserSummary


class NewRoleUser(msgspec.Struct, rename="kebab", forbid_unknown_fields=True):
    """A role to be given to a person, by user id or, without one, by e-mail."""

    role_id: UUID
    user_id: UUID | None = None
    email: Annotated[str, msgspec.Meta(max_length=255, extra_json_schema={"format": "email"})] | None = None


RoleUserDocument = NumberedDocument[Literal["role-users"], RoleUserAttributes]
RoleUserCollection = NumberedCollection[Literal["role-users"], RoleUserAttributes]
NewRoleUserDocument = NewDocument[Literal["role-users"], NewRoleUser]
