"""Second factors as documents."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from jsonapi import Collection, Document, Paged
from msgspec import UNSET, UnsetType

KIND = "mfa-totp"
Text = Annotated[str, msgspec.Meta(max_length=255)]


class Nothing(msgspec.Struct, forbid_unknown_fields=True):
    """No members."""


class EnableTotp(msgspec.Struct, rename="kebab", forbid_unknown_fields=True):
    """Two consecutive codes and the caller's password."""

    codes: Annotated[list[Text], msgspec.Meta(min_length=2, max_length=2)]
    password: Text


class DisableTotp(msgspec.Struct, rename="kebab", forbid_unknown_fields=True):
    """The caller's password."""

    password: Text


class QrCode(msgspec.Struct, rename="kebab", kw_only=True):
    """A picture; width and height in pixels."""

    contents_base64: str = msgspec.field(name="contents-base64")
    mimetype: Literal["image/png"] = "image/png"
    width: int
    height: int


class TotpSecret(msgspec.Struct, rename="kebab", kw_only=True):
    """What an authenticator app takes over: as text, as an `otpauth` URI, as a picture of that URI."""

    shared_secret_key: str
    provisioning_uri: str
    provisioning_qrcode: QrCode


class TotpAttributes(msgspec.Struct, rename="kebab", kw_only=True):
    """An authenticator. `secret` is shown to its owner until it was enabled once; recovery codes when they are made."""

    user_id: UUID
    enabled: bool
    created_at: datetime
    enabled_at: datetime | None
    last_used: datetime | None
    recovery_codes_left: int
    secret: TotpSecret | None
    recovery_codes: list[str] | UnsetType = UNSET


class TotpQuery(Paged, kw_only=True):
    """Whose; one's own unless an administrator asks for another person's."""

    user_id: UUID | None = msgspec.field(name="filter[user-id]", default=None)


TotpDocument = Document[Literal["mfa-totp"], TotpAttributes]
TotpCollection = Collection[Literal["mfa-totp"], TotpAttributes]
