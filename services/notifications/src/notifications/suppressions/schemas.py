"""Suppressions as they go in and out."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from jsonapi import Collection, Document, NewDocument, Paged

KIND = "suppressions"
Address = Annotated[str, msgspec.Meta(min_length=3, max_length=254, pattern=r"\A[^\s\x00]*\Z")]


class SuppressionAttributes(msgspec.Struct, rename="kebab"):
    """An address that is not sent to, and why."""

    channel: Literal["email", "sms"]
    address: str
    reason: Literal["bounce", "complaint", "manual"]
    organization_id: UUID | None
    created_time: datetime


class NewSuppression(msgspec.Struct, rename="kebab", forbid_unknown_fields=True):
    """An address that the operator does not want sent to."""

    address: Address
    channel: Literal["email", "sms"] = "email"


class SuppressionQuery(Paged, kw_only=True):
    """The list's parameters."""

    organization_id: UUID | None = msgspec.field(name="organization-id", default=None)
    address: Address | None = msgspec.field(name="filter[address]", default=None)


SuppressionDocument = Document[Literal["suppressions"], SuppressionAttributes]
SuppressionCollection = Collection[Literal["suppressions"], SuppressionAttributes]
NewSuppressionDocument = NewDocument[Literal["suppressions"], NewSuppression]
