"""Individuals as they go in and out."""

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from jsonapi import ChangeDocument, Collection, Comparators, Document, NewDocument, Paged, Text
from msgspec import UNSET, Meta, UnsetType

KIND = "individuals"
OWNERS_KIND = "individual-owners"

PersonName = Annotated[str, Meta(max_length=127)]
Email = Annotated[str, Meta(min_length=3, max_length=320, pattern=r"^[^@\s]+@[^@\s]+$")]
Phone = Annotated[str, Meta(max_length=30, pattern=r"^\+[1-9]\d{4,15}$")]
Zone = Annotated[str, Meta(max_length=63)]
Invite = Literal["accepted", "failed", "none", "sent"]


class Preferences(msgspec.Struct):
    """By which channel a person wants to hear what."""

    email: dict[str, Any] = {}
    mobile: dict[str, Any] = {}
    sms: dict[str, Any] = {}
    voice: dict[str, Any] = {}
    web: dict[str, Any] = {}


class Owner(msgspec.Struct):
    """Who owns an individual."""

    id: UUID
    type: Literal["organization", "user"]


class IndividualSummary(msgspec.Struct, rename="kebab"):
    """An individual as groups show it."""

    id: UUID
    first_name: str | None
    last_name: str | None
    preferred_name: str | None
    name: str
    birth_date: date | None
    owner: Owner
    communication_preferences: Preferences
    email_verified: bool
    phone_verified: bool
    verified: bool
    registered: bool
    registration_invite: str
    tz: str | None


class Aggregates(msgspec.Struct, rename="kebab"):
    """Computed columns, None until they are asked for; `computed_times` says when each was computed.

    `completion` is the part of their cohorts that they have completed, from 0 to 1.
    """

    group_count: int | None = None
    last_login_time: datetime | None = None
    cohort_count: int | None = None
    completion: float | None = None
    computed_times: dict[str, datetime] = {}


class IndividualAttributes(msgspec.Struct, rename="kebab"):
    """An individual. Its account type is `provider` where its own user is staff of the organization that owns it."""

    owner_id: UUID
    owner_type: Literal["organization", "user"]
    user_id: UUID | None
    first_name: str | None
    last_name: str | None
    preferred_name: str | None
    birth_date: date | None
    email: str | None
    phone: str | None
    tz: str | None
    email_verified: bool
    phone_verified: bool
    registered: bool
    registration_invite: str
    account_type: Literal["provider", "patient"]
    created_time: datetime
    last_modified_time: datetime
    archived_time: datetime | None
    aggregates: Aggregates


class NewIndividual(msgspec.Struct, rename="kebab", forbid_unknown_fields=True):
    """An individual to be registered; its owner is an organization or a user."""

    owner_id: UUID
    individual_id: UUID | None = None
    first_name: PersonName | None = None
    last_name: PersonName | None = None
    preferred_name: PersonName | None = None
    birth_date: date | None = None
    email: Email | None = None
    phone: Phone | None = None
    tz: Zone | None = None


class IndividualChanges(msgspec.Struct, rename="kebab", forbid_unknown_fields=True):
    """What may change of an individual."""

    first_name: PersonName | UnsetType | None = UNSET
    last_name: PersonName | UnsetType | None = UNSET
    preferred_name: PersonName | UnsetType | None = UNSET
    birth_date: date | UnsetType | None = UNSET
    email: Email | UnsetType | None = UNSET
    phone: Phone | UnsetType | None = UNSET
    tz: Zone | UnsetType | None = UNSET


class NewOwner(msgspec.Struct, rename="kebab", forbid_unknown_fields=True):
    """Who is to own an individual from now on: an organization or a user."""

    owner_id: UUID


class OwnerAttributes(msgspec.Struct, rename="kebab"):
    """Who owned an individual from when until when; the present owner has no end."""

    owner_id: UUID
    owner_type: Literal["organization", "user"]
    since: datetime
    until: datetime | None
    ended_by_id: UUID | None


class OwnerQuery(Paged, kw_only=True):
    """Parameters of the list of an individual's owners."""


class IndividualQuery(Paged, kw_only=True):
    """Parameters of the list of individuals; archived ones are left out unless named or asked for."""

    include_archived: bool = msgspec.field(name="include-archived", default=False)
    ids: Annotated[list[UUID], Meta(max_length=500)] | None = None
    organization_id: UUID | None = msgspec.field(name="organization-id", default=None)
    owner_id: UUID | None = msgspec.field(name="filter[owner-id]", default=None)
    group_id: UUID | None = msgspec.field(name="filter[individual-group-id]", default=None)
    user_id: UUID | None = msgspec.field(name="filter[user-id]", default=None)
    text: Text | None = msgspec.field(name="filter[text]", default=None)
    modified: Comparators | None = msgspec.field(name="filter[cmp-last-modified-time]", default=None)


IndividualDocument = Document[Literal["individuals"], IndividualAttributes]
IndividualCollection = Collection[Literal["individuals"], IndividualAttributes]
OwnerCollection = Collection[Literal["individual-owners"], OwnerAttributes]
NewIndividualDocument = NewDocument[Literal["individuals"], NewIndividual]
ChangeIndividualDocument = ChangeDocument[Literal["individuals"], IndividualChanges]
