"""Signing up."""

from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec

Text = Annotated[str, msgspec.Meta(max_length=255)]
AccountType = Literal["provider", "patient"]
Gender = Literal["female", "male", "other", "pnta", "unknown"]


class SignUp(msgspec.Struct, rename="kebab", forbid_unknown_fields=True, kw_only=True):
    """A person who signs up with an organization's code, or with the code of an invitation (`referral-code`).

    With an organization's code the names are required.
    """

    username: Text
    password: str
    organization_code: Text | None = None
    referral_code: Annotated[str, msgspec.Meta(max_length=20)] | None = None
    first_name: Text | None = None
    last_name: Text | None = None
    preferred_name: Text | None = None
    email: Text | None = None
    contact_phone_mobile: Annotated[str, msgspec.Meta(max_length=30)] | None = None
    birth_date: date | None = None
    gender: Gender | None = None
    locale: Literal["en_US", "es_US"] | None = None
    tz: Annotated[str, msgspec.Meta(max_length=64)] | None = None
    source: Literal["email", "sms"] = "email"
    set_username: Literal["email", "phone"] | None = None
    notifications: list[Literal["email", "sms"]] = []
    enrollment_data: dict[str, Any] | None = None
    service_document_agreements: Annotated[list[UUID], msgspec.Meta(max_length=100)] = []
    auto_confirm: Annotated[
        bool, msgspec.Meta(description="Confirm at once, without a code; only where the organization's code allows it.")
    ] = False
    auto_sign_up: bool = False


class SignUpAnswer(msgspec.Struct, rename="kebab"):
    """The same for a username that is free and one that is taken."""

    account_type: AccountType


class Details(msgspec.Struct, frozen=True, kw_only=True):
    """What is kept, sealed, until the sign-up is confirmed."""

    username: str
    password_hash: str
    first_name: str | None
    last_name: str | None
    preferred_name: str | None
    email: str | None
    phone: str | None
    birth_date: date | None
    gender: str | None
    locale: str | None
    tz: str | None
    notifications: list[str]
    enrollment_data: dict[str, Any] | None
    organization_name: str
    account_type: AccountType = "patient"
    agreements: list[UUID] = []
    auto_confirm: bool = False
