"""What an invitation may tell before anybody has signed in."""

from typing import Annotated, Literal
from uuid import UUID

import msgspec
from jsonapi import Document, NewDocument

from identity.onboarding_requests.schemas import Email, Phone, Status

KIND = "onboarding-info"


class Asked(msgspec.Struct, rename="kebab", forbid_unknown_fields=True, kw_only=True):
    """An invitation's code, or an address."""

    code: Annotated[str, msgspec.Meta(max_length=20)] | None = None
    email: Email | None = None
    phone_number: Phone | None = None


class Progress(msgspec.Struct):
    """How far an invitation is."""

    status: Status
    done: bool


class Inviter(msgspec.Struct, rename="kebab"):
    """The organization that invites; of the person nothing is said."""

    id: UUID | None
    display_name: str | None


class InfoAttributes(msgspec.Struct, rename="kebab"):
    """An invitation without the person."""

    onboarding_request: Progress
    organization: Inviter


InfoDocument = Document[Literal["onboarding-info"], InfoAttributes]
AskedDocument = NewDocument[Literal["onboarding-info"], Asked]
