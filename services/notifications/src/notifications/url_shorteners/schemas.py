"""Short addresses as they go in and out."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from jsonapi import ChangeDocument, Collection, Document, NewDocument, Paged
from msgspec import UNSET, Meta, UnsetType

KIND = "url-shorteners"

Netloc = Annotated[
    str,
    Meta(max_length=253, pattern=r"\A([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,63}\Z"),
]
"""A host's name alone: no port, no user, no address in digits."""

FullPath = Annotated[str, Meta(max_length=2048, pattern=r"\A/(?!/)[!-\[\]-~]*\Z")]
"""Path, query and fragment in printable ASCII. A second slash or a backslash would be read as another host."""

Time = Annotated[datetime, Meta(tz=True)]
Code = Annotated[str, Meta(min_length=1, max_length=8)]


class ShortenerAttributes(msgspec.Struct, rename="kebab"):
    """A short address and where it leads. `redirect-count` lags behind by a few seconds."""

    code: str
    created_at: datetime
    expires_at: datetime
    full_path: str
    netloc: str
    organization_id: UUID
    redirect_count: int
    redirect_url: str
    short_url: str


class NewShortener(msgspec.Struct, rename="kebab", forbid_unknown_fields=True):
    """A short address to be made. Without `expires-at` it lives 90 days."""

    full_path: FullPath
    netloc: Netloc
    organization_id: UUID
    expires_at: Time | None = None


class ShortenerChanges(msgspec.Struct, rename="kebab", forbid_unknown_fields=True):
    """What may change of a short address."""

    expires_at: Time | UnsetType = UNSET
    full_path: FullPath | UnsetType = UNSET
    netloc: Netloc | UnsetType = UNSET


class ShortenerQuery(Paged, kw_only=True):
    """Parameters of the list."""

    code: Code | None = None
    organization_id: UUID | None = msgspec.field(name="organization-id", default=None)


ShortenerDocument = Document[Literal["url-shorteners"], ShortenerAttributes]
ShortenerCollection = Collection[Literal["url-shorteners"], ShortenerAttributes]
NewShortenerDocument = NewDocument[Literal["url-shorteners"], NewShortener]
ChangeShortenerDocument = ChangeDocument[Literal["url-shorteners"], ShortenerChanges]
