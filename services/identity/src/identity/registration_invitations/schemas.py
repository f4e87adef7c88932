"""Invitations of one person by another as documents."""

from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec
from jsonapi import Collection, Document, NewDocument, Paged

from identity.onboarding_requests.schemas import Email

KIND = "registration-invitations"


class InvitationAttributes(msgspec.Struct, rename="kebab", kw_only=True):
    """An invitation, and when the invited person registered."""

    invited_email: str
    created_by: UUID
    created_time: datetime
    claimed_time: datetime | None
    expiration_time: datetime


class NewInvitationAttributes(msgspec.Struct, rename="kebab", forbid_unknown_fields=True):
    """Whom to invite."""

    invited_email: Email


class InvitationsQuery(Paged, kw_only=True):
    """One's own invitations."""


InvitationDocument = Document[Literal["registration-invitations"], InvitationAttributes]
InvitationCollection = Collection[Literal["registration-invitations"], InvitationAttributes]
NewInvitation = NewDocument[Literal["registration-invitations"], NewInvitationAttributes]
