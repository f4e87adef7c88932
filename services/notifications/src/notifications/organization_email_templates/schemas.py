"""Mail templates as they go in and out."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from jsonapi import ChangeDocument, Collection, Document, NewDocument, Paged
from msgspec import UNSET, Meta, UnsetType

from notifications.templates.types import EmailType, Format, Locale

KIND = "organization-email-templates"
VERSIONS_KIND = "organization-email-template-versions"
PREVIEW_KIND = "organization-email-template-previews"
TEST_KIND = "organization-email-template-tests"

Subject = Annotated[str, Meta(min_length=1, max_length=200, pattern=r"\A[^\x00-\x1f\x7f\u2028\u2029]*\Z")]
Source = Annotated[str, Meta(min_length=1, max_length=131_072, pattern=r"\A[^\x00]*\Z")]
SupportEmail = Annotated[str, Meta(max_length=254, pattern=r"\A([^\s@<>,;:()\[\]\\\"\x00]{1,64}@[A-Za-z0-9.-]+)?\Z")]
SupportTitle = Annotated[str, Meta(max_length=128, pattern=r"\A[^\x00-\x1f\x7f\u2028\u2029]*\Z")]
Value = Annotated[str, Meta(max_length=1000, pattern=r"\A[^\x00]*\Z")]


class TemplateAttributes(msgspec.Struct, rename="kebab"):
    """A mail template. Of `organization-id` and `theme-id` one is given. Each change adds one to `version`."""

    organization_id: UUID | None
    theme_id: UUID | None
    type: EmailType
    locale: Locale
    format: Format
    subject: str
    template: str
    support_email: str | None
    support_email_title: str | None
    version: int
    created_time: datetime
    last_modified_time: datetime


class NewTemplate(msgspec.Struct, rename="kebab", forbid_unknown_fields=True):
    """A template to be made, for an organization or, by the operator, for a theme."""

    type: EmailType
    subject: Subject
    template: Source
    locale: Locale = "en_US"
    format: Format = "html"
    organization_id: UUID | None = None
    theme_id: UUID | None = None
    support_email: SupportEmail | None = None
    support_email_title: SupportTitle | None = None


class TemplateChanges(msgspec.Struct, rename="kebab", forbid_unknown_fields=True):
    """What may change of a template."""

    type: EmailType | UnsetType = UNSET
    subject: Subject | UnsetType = UNSET
    template: Source | UnsetType = UNSET
    locale: Locale | UnsetType = UNSET
    format: Format | UnsetType = UNSET
    support_email: SupportEmail | UnsetType | None = UNSET
    support_email_title: SupportTitle | UnsetType | None = UNSET


class NewPreview(msgspec.Struct, rename="kebab", forbid_unknown_fields=True):
    """A template to be looked at; `variables` stand instead of sample data."""

    type: EmailType
    subject: Subject
    template: Source
    locale: Locale = "en_US"
    format: Format = "html"
    support_email: SupportEmail | None = None
    support_email_title: SupportTitle | None = None
    variables: Annotated[dict[str, Value], Meta(max_length=50)] = msgspec.field(default_factory=dict[str, str])


class PreviewAttributes(msgspec.Struct, rename="kebab"):
    """What would be sent."""

    subject: str
    html: str
    text: str
    variables: dict[str, str]


class VersionAttributes(msgspec.Struct, rename="kebab"):
    """A template as it was written once."""

    version: int
    type: EmailType
    locale: Locale
    format: Format
    subject: str
    template: str
    support_email: str | None
    support_email_title: str | None
    created_by: UUID | None
    created_time: datetime


class TestAttributes(msgspec.Struct, rename="kebab"):
    """A test on its way to the one who asked for it."""

    template_id: UUID


class TemplateQuery(Paged, kw_only=True):
    """The list's parameters."""

    organization_id: UUID | None = msgspec.field(name="organization-id", default=None)
    theme_id: UUID | None = msgspec.field(name="theme-id", default=None)
    format: Format | None = msgspec.field(name="filter[format]", default=None)
    locale: Locale | None = msgspec.field(name="filter[locale]", default=None)
    type: EmailType | None = msgspec.field(name="filter[type]", default=None)


EmailTemplateDocument = Document[Literal["organization-email-templates"], TemplateAttributes]
EmailTemplateCollection = Collection[Literal["organization-email-templates"], TemplateAttributes]
EmailTemplateVersions = Collection[Literal["organization-email-template-versions"], VersionAttributes]
NewEmailTemplate = NewDocument[Literal["organization-email-templates"], NewTemplate]
ChangeEmailTemplate = ChangeDocument[Literal["organization-email-templates"], TemplateChanges]
NewEmailPreview = NewDocument[Literal["organization-email-template-previews"], NewPreview]
EmailPreviewDocument = Document[Literal["organization-email-template-previews"], PreviewAttributes]
EmailTestDocument = Document[Literal["organization-email-template-tests"], TestAttributes]
