"""What a sign-in answers, and sessions as documents."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from jsonapi import Collection, Document, Paged, Query
from msgspec import UNSET, UnsetType


class Reference(msgspec.Struct, rename="kebab"):
    """Something by its id."""

    id: UUID


class Impersonator(msgspec.Struct, rename="kebab"):
    """Who acts as the user."""

    id: UUID
    email: str | None
    session_id: UUID


class LoginInfo(msgspec.Struct, rename="kebab", kw_only=True):
    """Who is signed in."""

    user_id: UUID | UnsetType = UNSET
    username: str | UnsetType = UNSET
    email: str | None | UnsetType = UNSET
    first_name: str | None | UnsetType = UNSET
    last_name: str | None | UnsetType = UNSET
    locale: str | UnsetType = UNSET
    locale_explicit: bool | UnsetType = UNSET
    tz: str | UnsetType = UNSET
    tz_explicit: bool | UnsetType = UNSET
    session_id: UUID | UnsetType = UNSET
    individual: Reference | None | UnsetType = UNSET
    organization_id: UUID | None | UnsetType = UNSET
    organizations: list[UUID] | UnsetType = UNSET
    multi_organization: bool | UnsetType = UNSET
    impersonated_by: Impersonator | None | UnsetType = UNSET


class SignedIn(LoginInfo, kw_only=True):
    """Who is signed in, and their tokens. Lifetimes in seconds."""

    access_token: str | UnsetType = UNSET
    id_token: str | UnsetType = UNSET
    refresh_token: str | UnsetType = UNSET
    token_type: Literal["Bearer"] | UnsetType = UNSET
    expires_in: int | UnsetType = UNSET
    refresh_expires_in: int | UnsetType = UNSET


class Reauthenticate(msgspec.Struct, rename="kebab", forbid_unknown_fields=True, kw_only=True):
    """The password, with a code where an authenticator is on, or what a passkey has signed."""

    password: Annotated[str, msgspec.Meta(max_length=4096)] | None = None
    totp_code: Annotated[str, msgspec.Meta(max_length=64)] | None = None
    passkey: dict[str, Any] | None = None


class LoginError(msgspec.Struct, rename="kebab"):
    """Why nobody was signed in although the rest was done."""

    status: int
    code: str
    detail: str


class SessionAttributes(msgspec.Struct, rename="kebab", kw_only=True):
    """A person's sign-in on one device, or somebody else's in their name: a person's or a service account's."""

    user_id: UUID
    created_time: datetime
    last_seen_time: datetime
    expiration_time: datetime
    organization_id: UUID | None
    device: str | None
    interactive: bool
    current: bool
    impersonator_id: UUID | None
    service_account_id: UUID | None
    login_info: LoginInfo | UnsetType = UNSET


SessionDocument = Document[Literal["sessions"], SessionAttributes]
SessionCollection = Collection[Literal["sessions"], SessionAttributes]


class SessionsQuery(Paged, kw_only=True):
    """Whose sessions; one's own unless the operator's staff ask for another person's."""

    user_id: Annotated[UUID | None, msgspec.Meta(description="Another person's: operator's staff only.")] = (
        msgspec.field(name="filter[user-id]", default=None)
    )


class SessionQuery(Query, kw_only=True):
    """What to show of a session."""

    include_login_info: bool = msgspec.field(name="include-login-info", default=False)
