"""Check-ins as documents."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from jsonapi import Collection, Document, NewDocument, Paged

Source = Literal["android", "ios", "web"]
Told = Annotated[str, msgspec.Meta(max_length=255, pattern="^[^\\x00]*$")]


class UserCheckinAttributes(msgspec.Struct, rename="kebab"):
    """What an app reported of the device that it runs on."""

    user_id: UUID
    source: str
    app_version: str | None
    model: str | None
    os_version: str | None
    created_time: datetime


class NewCheckin(msgspec.Struct, rename="kebab", forbid_unknown_fields=True, kw_only=True):
    """An app's report."""

    source: Source
    app_version: Told | None = None
    model: Told | None = None
    os_version: Told | None = None


class UserCheckinsQuery(Paged, kw_only=True):
    """Of which individual's user; `summary` keeps the newest of each source."""

    individual_id: UUID = msgspec.field(name="individual-id")
    limit: Annotated[int, msgspec.Meta(ge=1, le=1000)] = msgspec.field(name="page[limit]", default=500)
    source: Source | None = msgspec.field(name="filter[source]", default=None)
    summary: bool = False


UserCheckinDocument = Document[Literal["user-checkins"], UserCheckinAttributes]
UserCheckinCollection = Collection[Literal["user-checkins"], UserCheckinAttributes]
NewUserCheckin = NewDocument[Literal["user-checkins"], NewCheckin]
