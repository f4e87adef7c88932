"""Users' activities as documents."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from jsonapi import Collection, Comparators, Paged

EventType = Literal["login", "refr", "sreg"]


class UserActivityAttributes(msgspec.Struct, rename="kebab"):
    """What a user did and when. `carium-employee` marks the operator's staff."""

    user_id: UUID
    event_type: str
    timestamp: datetime
    carium_employee: bool


class UserActivitiesQuery(Paged, kw_only=True):
    """Which activities: of one user or of all whom the caller sees, without the operator's staff by default."""

    limit: Annotated[int, msgspec.Meta(ge=1, le=1000)] = msgspec.field(name="page[limit]", default=500)
    timestamp: Comparators | None = msgspec.field(name="filter[cmp-timestamp]", default=None)
    event_types: Annotated[list[EventType], msgspec.Meta(min_length=1, max_length=10)] | None = msgspec.field(
        name="filter[event-types]", default=None
    )
    exclude_staff: bool = msgspec.field(name="filter[exclude-carium-activity]", default=True)
    user_id: UUID | None = msgspec.field(name="filter[user-id]", default=None)


UserActivityCollection = Collection[Literal["user-activities"], UserActivityAttributes]
