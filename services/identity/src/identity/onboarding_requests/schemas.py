"""Invitations into an organization as documents."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from jsonapi import ChangeDocument, Collection, Document, NewDocument, Paged
from msgspec import UNSET, UnsetType

from identity.users.schemas import CommunicationPreferences

KIND = "onboarding-requests"
OnboardType = Literal["patient", "provider"]
Status = Literal["created", "invited", "registering", "claimed", "canceled", "failed"]
Way = Literal["email", "sms"]
Ways = Annotated[list[Way], msgspec.Meta(max_length=2)]
Email = Annotated[str, msgspec.Meta(max_length=255)]
Phone = Annotated[str, msgspec.Meta(max_length=30)]
Role = Literal["org.admin", "org.member"]
Groups = Annotated[list[UUID], msgspec.Meta(max_length=20)]


class Invite(msgspec.Struct, rename="kebab", kw_only=True):
    """The last message of one way, and what became of it."""

    id: UUID
    type: Way
    status: Literal["created", "sent", "bounced", "failed"]
    error: str | None
    created_time: datetime
    respond_time: datetime | None


class LastInvite(msgspec.Struct, rename="kebab"):
    """The last message by e-mail and by SMS."""

    email: Invite | None = None
    sms: Invite | None = None


class Bounce(msgspec.Struct):
    """How the address refused the mail."""

    type: str
    subtype: str


class DsnAttributes(msgspec.Struct, rename="kebab", kw_only=True):
    """What the mail server said of the last mail."""

    email: str
    state: str
    created_at: datetime
    status_at: datetime | None
    bounce: Bounce | None


class Dsn(msgspec.Struct):
    """A delivery status notification."""

    id: UUID
    type: Literal["email-dsn"]
    attributes: DsnAttributes


class OnboardingAttributes(msgspec.Struct, rename="kebab", kw_only=True):
    """An invitation. `patient` is an individual; `last-invite` and `email-dsn` are in lists where asked for."""

    organization: UUID
    onboard_type: OnboardType
    status: Status
    done: bool
    patient: UUID | None
    patient_email: str | None
    phone_number: str | None
    provider_roles: list[str]
    individual_group_ids: list[UUID]
    auto_confirm: bool
    auto_sign_up: bool
    user_id: UUID | None
    created_by: UUID | None
    created_time: datetime
    registering_time: datetime | None
    claimed_by: UUID | None
    claimed_time: datetime | None
    expiration_time: datetime
    last_invite: LastInvite | UnsetType = UNSET
    email_dsn: Dsn | None | UnsetType = UNSET


class NewOnboarding(msgspec.Struct, rename="kebab", forbid_unknown_fields=True, kw_only=True):
    """Whom an organization invites, and how.

    `notifications` says by which ways the invitation goes out now: by default e-mail, or SMS where only a phone number
    is given; an empty list sends nothing until the notifications are sent again. `email-user-now` adds the e-mail.
    `auto-sign-up` makes the login at once with `username` (by default the address) and `password`; with `auto-confirm`
    no confirmation is asked of the person, which only administrators may decide. `patient` is an individual of the
    organization without a login; without it one is registered when the invitation is claimed.
    """

    organization: UUID
    onboard_type: OnboardType = "patient"
    patient: UUID | None = None
    patient_email: Email | None = None
    phone_number: Phone | None = None
    username: Email | None = None
    password: str | None = None
    individual_group_id: UUID | None = None
    individual_group_ids: Groups = []
    provider_roles: Annotated[list[Role], msgspec.Meta(max_length=2)] = []
    notifications: Ways | UnsetType = UNSET
    email_user_now: bool = False
    auto_sign_up: bool = False
    auto_confirm: bool = False
    communication_preferences: CommunicationPreferences | None = None


class OnboardingChange(msgspec.Struct, rename="kebab", forbid_unknown_fields=True, kw_only=True):
    """Another address, which gets a new code and makes the old one worthless; or the end of the invitation."""

    email: Email | UnsetType = UNSET
    phone_number: Phone | UnsetType = UNSET
    status: Literal["canceled"] | UnsetType = UNSET


class Resending(msgspec.Struct, forbid_unknown_fields=True):
    """Nothing."""


class OnboardingsQuery(Paged, kw_only=True):
    """Which invitations of an organization."""

    organization: UUID
    email: Annotated[Email | None, msgspec.Meta(description="The invited person's e-mail address.")] = None
    onboard_type: OnboardType = msgspec.field(name="onboard-type", default="patient")
    patient_ids: Annotated[list[UUID], msgspec.Meta(max_length=100)] | None = msgspec.field(
        name="patient-ids", default=None
    )
    with_invite: bool = msgspec.field(name="with-invite", default=False)


OnboardingDocument = Document[Literal["onboarding-requests"], OnboardingAttributes]
OnboardingCollection = Collection[Literal["onboarding-requests"], OnboardingAttributes]
NewOnboardingDocument = NewDocument[Literal["onboarding-requests"], NewOnboarding]
ChangedOnboarding = ChangeDocument[Literal["onboarding-requests"], OnboardingChange]
ResendingDocument = NewDocument[Literal["onboarding-requests-email"], Resending]
