"""Short texts of organizations as they go in and out."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from jsonapi import ChangeDocument, Collection, Document, NewDocument, Paged
from msgspec import Meta

KIND = "organization-general-messages"

Locale = Literal["en_US", "es_US"]
Name = Annotated[str, Meta(min_length=1, max_length=64, pattern=r"\A[a-z0-9]+([._-][a-z0-9]+)*\Z")]
Message = Annotated[str, Meta(min_length=1, max_length=10_000, pattern=r"\A\s*[^\x00\s][^\x00]*\Z")]


class MessageAttributes(msgspec.Struct, rename="kebab"):
    """A text that an organization's applications show under a name."""

    created_time: datetime
    last_modified_time: datetime
    locale: Locale
    message: str
    name: str
    organization_id: UUID


class NewMessage(msgspec.Struct, rename="kebab", forbid_unknown_fields=True):
    """A text to be made; an organization has one for a name and a locale."""

    locale: Locale
    message: Message
    name: Name
    organization_id: UUID


class MessageChanges(msgspec.Struct, rename="kebab", forbid_unknown_fields=True):
    """What may change of a text."""

    message: Message


class MessageQuery(Paged, kw_only=True):
    """Parameters of the list."""

    organization_id: UUID = msgspec.field(name="organization-id")
    locale: Locale | None = msgspec.field(name="filter[locale]", default=None)
    name: Name | None = msgspec.field(name="filter[name]", default=None)


MessageDocument = Document[Literal["organization-general-messages"], MessageAttributes]
MessageCollection = Collection[Literal["organization-general-messages"], MessageAttributes]
NewMessageDocument = NewDocument[Literal["organization-general-messages"], NewMessage]
ChangeMessageDocument = ChangeDocument[Literal["organization-general-messages"], MessageChanges]
