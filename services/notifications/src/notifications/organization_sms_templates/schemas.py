"""Templates of short messages as they go in and out."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from jsonapi import ChangeDocument, Collection, Document, NewDocument, Paged
from msgspec import UNSET, Meta, UnsetType

from notifications.templates.types import Locale, SmsType

KIND = "organization-sms-templates"
VERSIONS_KIND = "organization-sms-template-versions"
PREVIEW_KIND = "organization-sms-template-previews"
TEST_KIND = "organization-sms-template-tests"

Source = Annotated[str, Meta(min_length=1, max_length=1600, pattern=r"\A[^\x00]*\Z")]
Value = Annotated[str, Meta(max_length=1000, pattern=r"\A[^\x00]*\Z")]


class TemplateAttributes(msgspec.Struct, rename="kebab"):
    """An SMS template. Of `organization-id` and `theme-id` one is given. Each change adds one to `version`."""

    organization_id: UUID | None
    theme_id: UUID | None
    type: SmsType
    locale: Locale
    template: str
    version: int
    created_time: datetime
    last_modified_time: datetime


class NewTemplate(msgspec.Struct, rename="kebab", forbid_unknown_fields=True):
    """A template to be made, for an organization or, by the operator, for a theme."""

    type: SmsType
    template: Source
    locale: Locale = "en_US"
    organization_id: UUID | None = None
    theme_id: UUID | None = None


class TemplateChanges(msgspec.Struct, rename="kebab", forbid_unknown_fields=True):
    """What may change of a template."""

    type: SmsType | UnsetType = UNSET
    template: Source | UnsetType = UNSET
    locale: Locale | UnsetType = UNSET


class NewPreview(msgspec.Struct, rename="kebab", forbid_unknown_fields=True):
    """A template to be looked at; `variables` stand instead of sample data."""

    type: SmsType
    template: Source
    locale: Locale = "en_US"
    variables: Annotated[dict[str, Value], Meta(max_length=50)] = msgspec.field(default_factory=dict[str, str])


class PreviewAttributes(msgspec.Struct, rename="kebab"):
    """What would be sent."""

    text: str
    variables: dict[str, str]


class VersionAttributes(msgspec.Struct, rename="kebab"):
    """A template as it was written once."""

    version: int
    type: SmsType
    locale: Locale
    template: str
    created_by: UUID | None
    created_time: datetime


class TestAttributes(msgspec.Struct, rename="kebab"):
    """A test on its way to the one who asked for it."""

    template_id: UUID


class TemplateQuery(Paged, kw_only=True):
    """The list's parameters."""

    organization_id: UUID | None = msgspec.field(name="organization-id", default=None)
    theme_id: UUID | None = msgspec.field(name="theme-id", default=None)
    locale: Locale | None = msgspec.field(name="filter[locale]", default=None)
    type: SmsType | None = msgspec.field(name="filter[type]", default=None)


SmsTemplateDocument = Document[Literal["organization-sms-templates"], TemplateAttributes]
SmsTemplateCollection = Collection[Literal["organization-sms-templates"], TemplateAttributes]
SmsTemplateVersions = Collection[Literal["organization-sms-template-versions"], VersionAttributes]
NewSmsTemplate = NewDocument[Literal["organization-sms-templates"], NewTemplate]
ChangeSmsTemplate = ChangeDocument[Literal["organization-sms-templates"], TemplateChanges]
NewSmsPreview = NewDocument[Literal["organization-sms-template-previews"], NewPreview]
SmsPreviewDocument = Document[Literal["organization-sms-template-previews"], PreviewAttributes]
SmsTestDocument = Document[Literal["organization-sms-template-tests"], TestAttributes]
