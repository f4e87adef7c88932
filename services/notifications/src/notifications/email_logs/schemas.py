"""Email logs on the wire."""

from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec
from jsonapi import NumberedCollection, NumberedResource, Paged

Address = Annotated[str, msgspec.Meta(min_length=1, max_length=255, pattern=r"\A[^\x00]*\Z")]


class EmailLogAttributes(msgspec.Struct, rename="kebab"):
    """One thing that happened to one mail. `ses-id` is the mail's Message-ID."""

    bounce_subtype: str | None
    bounce_type: str | None
    destination: str
    event_received: datetime
    notification_type: Literal["Delivery", "Bounce", "Complaint"]
    ses_id: str
    ses_raw: dict[str, Any]
    source: str
    subject: str
    timestamp: datetime


class EmailLogQuery(Paged, kw_only=True):
    """The list's parameters."""

    destination: Address | None = msgspec.field(name="filter[destination]", default=None)
    since: datetime | None = msgspec.field(name="filter[timestamp][gte]", default=None)
    until: datetime | None = msgspec.field(name="filter[timestamp][lte]", default=None)


EmailLogResource = NumberedResource[Literal["email-logs"], EmailLogAttributes]
EmailLogCollection = NumberedCollection[Literal["email-logs"], EmailLogAttributes]
