"""Sending somebody's invitation again."""

from typing import Annotated, Literal
from uuid import UUID

import msgspec

from identity.onboarding_requests.schemas import Email, Ways

Old = Annotated[Email, msgspec.Meta(description="Deprecated: `username` names the person.")]


class ResendInvitation(msgspec.Struct, rename="kebab", forbid_unknown_fields=True, kw_only=True):
    """Whose invitation or confirmation, by username or invited address, and perhaps another address to send it to.

    Without `notifications` it goes the ways that the invitation went; an empty list means e-mail.
    """

    username: Email | None = None
    email: Old | None = None
    new_email: Email | None = None
    notifications: Ways | None = None


class Resent(msgspec.Struct, rename="kebab"):
    """What was sent again: an organization's invitation, or the confirmation of a sign-up with its code."""

    signup_request_id: UUID
    signup_request_type: Literal["onboard", "org-code"]
