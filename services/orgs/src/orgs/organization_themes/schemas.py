"""Themes as they go in and out."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from jsonapi import ChangeDocument, Collection, Comparators, Document, NewDocument, Paged, Text
from msgspec import UNSET, Meta, UnsetType

KIND = "organization-themes"

Domain = Annotated[
    str,
    Meta(max_length=253, pattern=r"^(?=.{4,253}$)([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,63}$"),
]
Email = Annotated[str, Meta(min_length=3, max_length=320, pattern=r"^[^@\s]+@[^@\s]+$")]
Title = Annotated[str, Meta(min_length=1, max_length=127, pattern=r"^[^\r\n]*\S[^\r\n]*$")]


class Author(msgspec.Struct, rename="kebab"):
    """Who did it; names are shown to the operator's staff."""

    id: UUID
    first_name: str | None
    last_name: str | None


class ThemeAttributes(msgspec.Struct, rename="kebab"):
    """A domain and a support address that organizations may share. One that is not active is given to no more."""

    domain: str
    support_email: str | None
    support_email_name: str | None
    is_active: bool
    created_by: Author | None
    created_time: datetime
    last_modified_by: Author | None
    last_modified_time: datetime


class NewTheme(msgspec.Struct, rename="kebab", forbid_unknown_fields=True):
    """A theme to be made."""

    domain: Domain
    support_email: Email | None = None
    support_email_name: Title | None = None


class ThemeChanges(msgspec.Struct, rename="kebab", forbid_unknown_fields=True):
    """What may change of a theme."""

    domain: Domain | UnsetType = UNSET
    support_email: Email | UnsetType | None = UNSET
    support_email_name: Title | UnsetType | None = UNSET
    is_active: bool | UnsetType = UNSET


class ThemeQuery(Paged, kw_only=True):
    """Parameters of the list of themes."""

    modified: Comparators | None = msgspec.field(name="filter[cmp-last-modified-time]", default=None)
    domain: Text | None = msgspec.field(name="filter[domain]", default=None)
    include_inactive: bool = msgspec.field(name="filter[include-inactive]", default=False)
    support_email: Email | None = msgspec.field(name="filter[support-email]", default=None)


ThemeDocument = Document[Literal["organization-themes"], ThemeAttributes]
ThemeCollection = Collection[Literal["organization-themes"], ThemeAttributes]
NewThemeDocument = NewDocument[Literal["organization-themes"], NewTheme]
ChangeThemeDocument = ChangeDocument[Literal["organization-themes"], ThemeChanges]
