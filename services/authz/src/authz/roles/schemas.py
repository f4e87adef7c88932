"""What goes in and out."""

from typing import Annotated, Literal
from uuid import UUID

import msgspec
from jsonapi import Collection, Document, NewDocument, Paged, Text

RoleName = Annotated[str, msgspec.Meta(max_length=64, pattern=r"^(?!system(\.|$))[a-z][a-z0-9]*([._-][a-z0-9]+)*$")]
"""Lower case, in words parted by `.`, `-` or `_`. Names that begin with `system.` are the platform's own."""


class RolesQuery(Paged, kw_only=True):
    """Which roles."""

    name: Text | None = msgspec.field(name="filter[name]", default=None)
    organization_id: UUID | None = msgspec.field(name="organization-id", default=None)


class OrganizationSummary(msgspec.Struct, rename="kebab"):
    """The organization of a role."""

    id: UUID
    name: str
    display_name: str


class RoleAttributes(msgspec.Struct, rename="kebab"):
    """A role; one of the system has no organization."""

    name: str
    display_name: str
    organization_id: UUID | None
    organization: OrganizationSummary | None


class NewRole(msgspec.Struct, rename="kebab", forbid_unknown_fields=True):
    """A role to be made in an organization."""

    name: RoleName
    organization_id: UUID
    display_name: Annotated[str, msgspec.Meta(max_length=255, pattern=r"^[^\x00]*$")] = ""


class PersonReference(msgspec.Struct, rename="kebab", forbid_unknown_fields=True):
    """A person by user id or, without one, by e-mail."""

    user_id: UUID | None = None
    email: Annotated[str, msgspec.Meta(max_length=255, extra_json_schema={"format": "email"})] | None = None


RoleDocument = Document[Literal["roles"], RoleAttributes]
RoleCollection = Collection[Literal["roles"], RoleAttributes]
NewRoleDocument = NewDocument[Literal["roles"], NewRole]
PersonDocument = NewDocument[Literal["roles"], PersonReference]
