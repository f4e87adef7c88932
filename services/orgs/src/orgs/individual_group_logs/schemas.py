"""The record of groups as it goes out."""

from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec
from jsonapi import Collection, Paged

KIND = "individual-group-logs"


class LogAuthor(msgspec.Struct):
    """Who did it."""

    id: UUID


class LogAttributes(msgspec.Struct, rename="kebab"):
    """One change: `individual_id` or, for leaders and members, `user_id` says who; no author means the platform."""

    event: Literal["add", "remove"]
    subject: Literal["individual", "leader", "member"]
    individual_group_id: UUID
    individual_id: UUID | None
    user_id: UUID | None
    created_by: LogAuthor | None
    created_time: datetime


class LogQuery(Paged, kw_only=True):
    """Parameters of the record."""

    filter_individual_id: UUID | None = msgspec.field(name="filter[individual-id]", default=None)
    individual_id: UUID | None = msgspec.field(name="individual-id", default=None)
    individual_group_id: UUID | None = msgspec.field(name="individual-group-id", default=None)
    organization_id: UUID | None = msgspec.field(name="organization-id", default=None)


LogCollection = Collection[Literal["individual-group-logs"], LogAttributes]
