"""Terms and privacy documents."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from jsonapi import ChangeDocument, Collection, Document, NewDocument, Paged, Query
from msgspec import UNSET, UnsetType

from identity.sessions.schemas import Reference

KIND = "service-documents"
Kind = Annotated[
    str,
    msgspec.Meta(max_length=64, pattern="^[a-z][a-z0-9-]*$", description="Such as `terms` or `privacy`."),
]
Version = Annotated[str, msgspec.Meta(min_length=1, max_length=40)]
Title = Annotated[str, msgspec.Meta(min_length=1, max_length=255)]
Html = Annotated[str, msgspec.Meta(min_length=1, max_length=200_000, description="Cleaned when it is saved.")]
Locale = Annotated[str, msgspec.Meta(max_length=16)]
Code = Annotated[str, msgspec.Meta(max_length=20)]
Required = Annotated[bool, msgspec.Meta(description="Whether nobody signs in without having agreed to it.")]


class Translation(msgspec.Struct, rename="kebab"):
    """A document in another language."""

    locale: str
    title: str
    html_link: str


class ServiceDocumentAttributes(msgspec.Struct, rename="kebab", kw_only=True):
    """One version of a document. Without an organization it is for everybody."""

    type: str
    version: str
    title: str
    locale: str
    html_link: str
    organization: Reference | None
    translations: list[Translation]
    agreement_required: bool
    created_time: datetime


class NewTranslation(msgspec.Struct, rename="kebab", forbid_unknown_fields=True):
    """A document in another language."""

    locale: Locale
    title: Title
    html: Html


Translations = Annotated[list[NewTranslation], msgspec.Meta(max_length=40)]


class NewServiceDocumentAttributes(msgspec.Struct, rename="kebab", forbid_unknown_fields=True, kw_only=True):
    """A version to be published. It counts at once, in place of the versions of its type before it."""

    organization_id: UUID | None = None
    type: Kind
    version: Version
    title: Title
    html: Html
    locale: Locale = "en_US"
    translations: Translations = []
    agreement_required: Required = True


class ChangedServiceDocumentAttributes(msgspec.Struct, rename="kebab", forbid_unknown_fields=True, kw_only=True):
    """What may change of a version: its text does not. Translations are added to those that there are."""

    translations: Translations | UnsetType = UNSET
    agreement_required: Required | UnsetType = UNSET


class DocumentToAgree(msgspec.Struct, rename="kebab"):
    """A document that somebody has to agree to before they are signed in."""

    id: UUID
    type: str
    version: str
    title: str
    html_link: str
    organization: Reference | None


class ServiceDocumentsQuery(Paged, kw_only=True):
    """Documents for everybody, and those of organizations that are named or invite."""

    latest: Annotated[bool, msgspec.Meta(description="Only the version of each that counts.")]
    organizations: Annotated[list[UUID], msgspec.Meta(max_length=10)] = msgspec.field(default_factory=list[UUID])
    organization_code: Code | None = msgspec.field(name="organization-code", default=None)
    referral_code: Code | None = msgspec.field(name="referral-code", default=None)


class ServiceDocumentQuery(Query, kw_only=True):
    """With `html` the document itself, in `locale` or the nearest language that there is."""

    html: bool = False
    locale: Locale | None = None
    reflow: Annotated[bool, msgspec.Meta(description="Fit the page to small screens.")] = False


NewServiceDocument = NewDocument[Literal["service-documents"], NewServiceDocumentAttributes]
ChangedServiceDocument = ChangeDocument[Literal["service-documents"], ChangedServiceDocumentAttributes]
ServiceDocumentDocument = Document[Literal["service-documents"], ServiceDocumentAttributes]
ServiceDocumentCollection = Collection[Literal["service-documents"], ServiceDocumentAttributes]
