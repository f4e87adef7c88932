"""Organizations as they go in and out."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from jsonapi import ChangeDocument, Collection, Comparators, Document, NewDocument, Query, Text
from jsonapi.query import MAXIMUM_OFFSET
from kernel import Page
from msgspec import UNSET, Meta, UnsetType

KIND = "organizations"

Name = Annotated[str, Meta(min_length=1, max_length=255, pattern=r"\S")]
Word = Annotated[str, Meta(min_length=1, max_length=63)]
Email = Annotated[str, Meta(min_length=3, max_length=320, pattern=r"^[^@\s]+@[^@\s]+$")]
Classification = Literal["carium", "customer", "customer_test"]
Authorization = Literal["open", "restricted"]
Order = Literal[
    "created-time", "-created-time", "last-modified-time", "-last-modified-time", "name", "-name", "number", "-number"
]
LogoSize = Literal["small", "medium", "large"]


class OrganizationAttributes(msgspec.Struct, rename="kebab"):
    """An organization. `number` names it in the projects dialect; `logo_urls` lead to PNG files by size."""

    authorization_type: str
    classification: str
    display_name: str
    is_active: bool
    last_modified_time: datetime
    logo_ready_to_use: bool
    name: str
    number: int
    provider_type: str
    theme_id: UUID | None
    timezone: str
    logo_urls: dict[str, str] | None
    created_time: datetime


class NewOrganization(msgspec.Struct, rename="kebab", forbid_unknown_fields=True):
    """An organization to be made. The display name is the name where none is given."""

    name: Name
    display_name: Name | None = None
    classification: Classification = "customer"
    provider_type: Word = "coach"
    authorization_type: Authorization = "open"
    timezone: Word = "UTC"


class OrganizationChanges(msgspec.Struct, rename="kebab", forbid_unknown_fields=True):
    """What may change of an organization."""

    name: Name | UnsetType = UNSET
    display_name: Name | UnsetType = UNSET
    classification: Classification | UnsetType = UNSET
    provider_type: Word | UnsetType = UNSET
    authorization_type: Authorization | UnsetType = UNSET
    timezone: Word | UnsetType = UNSET
    theme_id: UUID | UnsetType | None = UNSET
    is_active: bool | UnsetType = UNSET


class PersonToAdd(msgspec.Struct, rename="kebab", forbid_unknown_fields=True):
    """Who joins the staff, by id or e-mail, and as what."""

    user_id: UUID | None = None
    email: Email | None = None
    role_id: UUID | None = None


class PersonToRemove(msgspec.Struct, rename="kebab", forbid_unknown_fields=True):
    """Who leaves, by id or e-mail."""

    user_id: UUID | None = None
    email: Email | None = None


class NewLogo(msgspec.Struct, rename="kebab", forbid_unknown_fields=True):
    """What is going to be uploaded: `content_type` is image/png, image/jpeg, image/webp or image/gif."""

    content_type: Annotated[str, Meta(max_length=255)]
    filename: Annotated[str, Meta(min_length=1, max_length=255)]


class LogoUploadAttributes(msgspec.Struct, rename="kebab"):
    """Where to send the picture: with the method and headers of `upload_data`, until `expiration_time` (Unix time)."""

    id: UUID
    upload_url: str
    upload_data: dict[str, Any]
    expiration_time: int


class LogoUploadDocument(msgspec.Struct):
    """The link of an upload."""

    data: LogoUploadAttributes


class ProcessLogo(msgspec.Struct, rename="kebab", forbid_unknown_fields=True):
    """Nothing needs to be said."""


class LogoQuery(Query, kw_only=True):
    """Parameters of a logo. Any `version` is taken; each logo has its own, so that caches keep them apart."""

    size: LogoSize = "medium"
    version: Text | None = None


class OrganizationQuery(Query, kw_only=True):
    """Parameters of the list of organizations."""

    modified: Comparators | None = msgspec.field(name="filter[cmp-last-modified-time]", default=None)
    include_inactive: bool = msgspec.field(name="filter[include-inactive]", default=False)
    name: Text | None = msgspec.field(name="filter[name]", default=None)
    name_contains: Text | None = msgspec.field(name="filter[name][contains]", default=None)
    sort: Order = "created-time"
    limit: Annotated[int, Meta(ge=1, le=1000)] = msgspec.field(name="page[limit]", default=25)
    offset: Annotated[int, Meta(ge=0, le=MAXIMUM_OFFSET)] = msgspec.field(name="page[offset]", default=0)

    @property
    def page(self) -> Page:
        """The page that is asked for."""
        return Page(self.limit, self.offset)


OrganizationDocument = Document[Literal["organizations"], OrganizationAttributes]
OrganizationCollection = Collection[Literal["organizations"], OrganizationAttributes]
NewOrganizationDocument = NewDocument[Literal["organizations"], NewOrganization]
ChangeOrganizationDocument = ChangeDocument[Literal["organizations"], OrganizationChanges]
AddUserDocument = NewDocument[Literal["organizations"], PersonToAdd]
RemoveUserDocument = NewDocument[Literal["organizations"], PersonToRemove]
