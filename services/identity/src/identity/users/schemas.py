"""Users as documents."""

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from jsonapi import ChangeDocument, Collection, Document, NewDocument
from msgspec import UNSET, UnsetType

Classification = Literal["carium", "customer", "customer_test"]
State = Literal[
    "archived", "confirmed", "disabled", "force_reset_password", "init", "registered", "registered_disabled"
]
Name = Annotated[str, msgspec.Meta(max_length=255)]
Email = Annotated[str, msgspec.Meta(max_length=255)]
Password = Annotated[str, msgspec.Meta(max_length=255)]
Phone = Annotated[str, msgspec.Meta(max_length=30)]
Zone = Annotated[str, msgspec.Meta(max_length=64)]
Locale = Annotated[str, msgspec.Meta(max_length=35)]
Settings = Annotated[dict[str, Any], msgspec.Meta(max_length=50)]


class CommunicationPreferences(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """What a person wants to hear by which way."""

    email: Settings | UnsetType = UNSET
    mobile: Settings | UnsetType = UNSET
    sms: Settings | UnsetType = UNSET
    voice: Settings | UnsetType = UNSET
    web: Settings | UnsetType = UNSET


class AdditionalIndividual(msgspec.Struct, rename="kebab"):
    """Somebody whom the user takes care of."""

    id: UUID
    first_name: str | None
    last_name: str | None
    birth_date: date | None
    organization_logo_url: str | None


class UserRoleAttributes(msgspec.Struct, rename="kebab"):
    """A role that the user has; without an organization it is a system role."""

    id: UUID | None
    name: str
    display_name: str
    organization_id: UUID | None
    organization_name: str | None
    organization_display_name: str | None


class Sharing(msgspec.Struct, rename="kebab"):
    """With whom the user's data are shared."""

    id: UUID
    type: Literal["organization", "user"]
    name: str | None
    display_name: str | None
    contact_message: str | None


class OrganizationName(msgspec.Struct, rename="kebab"):
    """An organization of the user's."""

    id: UUID
    name: str | None
    display_name: str | None


class SignUpReference(msgspec.Struct, rename="kebab"):
    """A sign-up by which the user came, and the code that it named."""

    id: UUID
    organization_code_id: str


class OnboardingReference(msgspec.Struct, rename="kebab"):
    """An invitation that the user claimed."""

    id: UUID


class UserAttributes(msgspec.Struct, rename="kebab", kw_only=True):
    """A login and the person behind it.

    `authz-…-time` are authz's to tell (`/v1/authz-user-status/`) and empty here. What only a reading of one user shows
    is absent from lists.
    """

    username: str
    email: str | None
    email_verified: bool
    phone: str | None
    phone_type: str
    phone_verified: bool
    first_name: str | None
    last_name: str | None
    preferred_name: str | None
    birth_date: date | None
    gender: str | None
    account_type: str
    classification: str
    state: str
    status: str
    enabled: bool
    registered: bool
    registration_completed_time: datetime | None
    registration_invite: str
    auto_confirm: bool
    auto_sign_up: bool
    locale: str
    locale_explicit: bool
    tz: str
    tz_explicit: bool
    communication_preferences: dict[str, Any]
    primary_individual_id: UUID | None
    additional_individuals: list[AdditionalIndividual]
    shared_with: list[Sharing]
    organization_id: UUID | None
    default_organization_id: UUID | None
    organization_ids: list[UUID]
    organization_count: int
    organization_admin: bool
    organization_logo_url: str | None
    organizations: list[OrganizationName]
    roles: list[UserRoleAttributes]
    last_login_time: datetime | None
    date_created: datetime
    date_last_modified: datetime
    last_modified_time: datetime
    authz_last_event_time: datetime | None = None
    authz_last_populated_time: datetime | None = None
    enrollment_data: dict[str, Any] | None | UnsetType = UNSET
    onboarding_requests: list[OnboardingReference] | UnsetType = UNSET
    org_code_signup_requests: list[SignUpReference] | UnsetType = UNSET


class NewUserAttributes(msgspec.Struct, rename="kebab", forbid_unknown_fields=True, kw_only=True):
    """A staff account. The username is the e-mail address unless another is given.

    Without a password the person sets one by way of a forgotten one.
    """

    email: Email
    username: Name | None = None
    password: str | None = None
    first_name: Name
    last_name: Name
    preferred_name: Name | None = None
    phone: Phone | None = None
    locale: Locale | None = None
    tz: Zone | None = None
    classification: Classification = "customer"


class UserChange(msgspec.Struct, rename="kebab", forbid_unknown_fields=True, kw_only=True):
    """What may be changed. `username` names which of the person's verified addresses becomes the username."""

    first_name: Name | UnsetType = UNSET
    last_name: Name | UnsetType = UNSET
    locale: Locale | None | UnsetType = UNSET
    tz: Zone | None | UnsetType = UNSET
    phone: Phone | None | UnsetType = UNSET
    communication_preferences: CommunicationPreferences | UnsetType = UNSET
    default_organization_id: UUID | None | UnsetType = UNSET
    username: Literal["email", "phone"] | UnsetType = UNSET
    email: Email | UnsetType = UNSET
    classification: Classification | UnsetType = UNSET


class SwitchOrganization(msgspec.Struct, rename="kebab", forbid_unknown_fields=True):
    """Which organization of one's own to work for."""

    organization_id: UUID
    set_default: bool = False


class ChangePassword(msgspec.Struct, rename="kebab", forbid_unknown_fields=True, kw_only=True):
    """A new password with the old one; the operator's staff name their `context` instead of it."""

    new_password: Password
    old_password: Password | None = None
    context: Literal["carium-support"] | None = None
    maintain_active_sessions: bool = False


class Nothing(msgspec.Struct, forbid_unknown_fields=True):
    """An empty object."""


UserDocument = Document[Literal["users"], UserAttributes]
UserCollection = Collection[Literal["users"], UserAttributes]
NewUser = NewDocument[Literal["users"], NewUserAttributes]
ChangedUser = ChangeDocument[Literal["users"], UserChange]
