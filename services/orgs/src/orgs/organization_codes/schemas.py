"""Organization codes as they go in and out."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from jsonapi import ChangeDocument, Collection, Document, NewDocument, Paged, Text
from msgspec import UNSET, Meta, UnsetType

KIND = "organization-codes"
USERS_KIND = "organization-code-users"

Code = Annotated[str, Meta(min_length=3, max_length=64, pattern=r"^[A-Za-z0-9_-]+$")]
AwareTime = Annotated[datetime, Meta(tz=True)]
State = Literal[
    "archived", "confirmed", "disabled", "force_reset_password", "init", "registered", "registered_disabled"
]


class CodeGroup(msgspec.Struct):
    """The group that people come to."""

    id: UUID
    name: str


class CodeOrganization(msgspec.Struct, rename="kebab"):
    """Whose code it is. Nobody signs up for one that is not active."""

    id: UUID
    name: str
    display_name: str
    is_active: bool


class CodeAttributes(msgspec.Struct, rename="kebab"):
    """A sign-up code. `auto_confirm` lets a sign-up by it skip the confirmation."""

    organization: CodeOrganization
    individual_group: CodeGroup | None
    expires_at: datetime | None
    enrollment_schema: dict[str, Any] | None
    auto_confirm: bool
    sign_up_requests_count: int


class NewCode(msgspec.Struct, rename="kebab", forbid_unknown_fields=True):
    """A code to be made; `id` is the code itself, made up where it is not given."""

    organization_id: UUID
    id: Code | None = None
    individual_group_id: UUID | None = None
    expires_at: AwareTime | None = None
    enrollment_schema: dict[str, Any] | None = None
    auto_confirm: bool = False


class CodeChanges(msgspec.Struct, rename="kebab", forbid_unknown_fields=True):
    """What may change of a code."""

    individual_group_id: UUID | UnsetType | None = UNSET
    expires_at: AwareTime | UnsetType | None = UNSET
    enrollment_schema: dict[str, Any] | UnsetType | None = UNSET
    auto_confirm: bool | UnsetType = UNSET


class CodeUserAttributes(msgspec.Struct, rename="kebab"):
    """Who came by a code, as identity knows them."""

    authz_last_event_time: str | None = None
    authz_last_populated_time: str | None = None
    auto_confirm: bool | None = None
    auto_sign_up: bool | None = None
    birth_date: str | None = None
    classification: str | None = None
    communication_preferences: dict[str, Any] | None = None
    date_created: str | None = None
    date_last_modified: str | None = None
    default_organization_id: str | None = None
    email: str | None = None
    email_verified: bool | None = None
    enabled: bool | None = None
    first_name: str | None = None
    last_login_time: str | None = None
    last_modified_time: str | None = None
    last_name: str | None = None
    locale: str | None = None
    locale_explicit: bool | None = None
    organization_id: str | None = None
    organization_ids: list[str] | None = None
    organization_logo_url: str | None = None
    phone: str | None = None
    phone_type: str | None = None
    phone_verified: bool | None = None
    primary_individual_id: str | None = None
    registered: bool | None = None
    registration_completed_time: str | None = None
    registration_invite: str | None = None
    state: str | None = None
    status: str | None = None
    tz: str | None = None
    tz_explicit: bool | None = None
    username: str | None = None


class CodeQuery(Paged, kw_only=True):
    """Parameters of the list of codes."""

    organization_id: UUID | None = msgspec.field(name="organization-id", default=None)


class CodeUserQuery(Paged, kw_only=True):
    """Parameters of the list of those who came by a code."""

    email: Text | None = None
    email_verified: bool | None = msgspec.field(name="email-verified", default=None)
    state: State | None = None
    text: Text | None = None


CodeDocument = Document[Literal["organization-codes"], CodeAttributes]
CodeCollection = Collection[Literal["organization-codes"], CodeAttributes]
CodeUserCollection = Collection[Literal["organization-code-users"], CodeUserAttributes]
NewCodeDocument = NewDocument[Literal["organization-codes"], NewCode]
ChangeCodeDocument = ChangeDocument[Literal["organization-codes"], CodeChanges]
