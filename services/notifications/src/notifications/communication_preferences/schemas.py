"""Preferences as they go in and out."""

from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec
from jsonapi import Collection, Document, NewDocument, Paged

KIND = "communication-preferences"
Medium = Literal["email", "mobile", "sms", "voice", "web"]
OptionalType = Literal["messaging-patient", "messaging-provider"]


class PreferenceAttributes(msgspec.Struct, rename="kebab"):
    """Whether a person wants a type of message by a channel."""

    user_id: UUID
    type: OptionalType
    channel: Medium
    enabled: bool
    created_time: datetime
    last_modified_time: datetime


class NewPreference(msgspec.Struct, rename="kebab", forbid_unknown_fields=True):
    """What the caller wants. Messages about their account's safety are not of these types: they always go out."""

    type: OptionalType
    channel: Medium
    enabled: bool


class PreferenceQuery(Paged, kw_only=True):
    """The list's parameters; another person's preferences are shown to the operator's staff."""

    user_id: UUID | None = msgspec.field(name="user-id", default=None)


PreferenceDocument = Document[Literal["communication-preferences"], PreferenceAttributes]
PreferenceCollection = Collection[Literal["communication-preferences"], PreferenceAttributes]
NewPreferenceDocument = NewDocument[Literal["communication-preferences"], NewPreference]
