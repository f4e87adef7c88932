"""Passkeys as documents, and what browsers are asked for and answer."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from jsonapi import ChangeDocument, Collection, Document, NewDocument, Paged

from identity.login.schemas import Credential, RefreshSeconds, Seconds

KIND = "passkeys"
Name = Annotated[str, msgspec.Meta(min_length=1, max_length=64, description="By what its owner tells it apart.")]


class Options(msgspec.Struct, rename="kebab"):
    """What the browser is to be asked for, in the form of `PublicKeyCredential.parse…OptionsFromJSON`."""

    options: dict[str, Any]
    expires_at: datetime


class NewPasskey(msgspec.Struct, rename="kebab", forbid_unknown_fields=True):
    """What the authenticator made, and a name for it."""

    name: Name
    credential: Credential


class ChangedPasskey(msgspec.Struct, rename="kebab", forbid_unknown_fields=True):
    """Another name."""

    name: Name


class PasskeySignIn(msgspec.Struct, rename="kebab", forbid_unknown_fields=True, kw_only=True):
    """What the authenticator signed, and how long the tokens may live."""

    credential: Credential
    access_token_expiration_seconds: Seconds | None = None
    refresh_token_expiration_seconds: RefreshSeconds | None = None
    sticky_access_token_expiration: bool = False
    service_document_agreements: Annotated[list[UUID], msgspec.Meta(max_length=100)] = []


class PasskeyAttributes(msgspec.Struct, rename="kebab", kw_only=True):
    """A passkey. `synced` ones may be on several devices; a `suspended-at` one counts no more (a copy was seen)."""

    user_id: UUID
    name: str
    aaguid: UUID
    transports: list[str]
    synced: bool
    created_at: datetime
    last_used: datetime | None
    suspended_at: datetime | None


class PasskeysQuery(Paged, kw_only=True):
    """Whose; one's own unless an administrator asks for another person's."""

    user_id: UUID | None = msgspec.field(name="filter[user-id]", default=None)


PasskeyDocument = Document[Literal["passkeys"], PasskeyAttributes]
PasskeyCollection = Collection[Literal["passkeys"], PasskeyAttributes]
NewPasskeyDocument = NewDocument[Literal["passkeys"], NewPasskey]
ChangedPasskeyDocument = ChangeDocument[Literal["passkeys"], ChangedPasskey]
