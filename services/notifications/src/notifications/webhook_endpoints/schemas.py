"""Endpoints as they go in and out."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from jsonapi import ChangeDocument, Collection, Document, NewDocument, Paged, Query
from msgspec import UNSET, Meta, UnsetType

from notifications.webhook_endpoints.catalogue import EventType

KIND = "webhook-endpoints"
TYPES_KIND = "webhook-event-types"
MOST_TYPES = 200
MOST_OVERLAP_HOURS = 168

Url = Annotated[str, Meta(min_length=1, max_length=2048)]
Description = Annotated[str, Meta(max_length=500, pattern=r"\A[^\x00]*\Z")]
EventTypes = Annotated[list[Annotated[str, Meta(max_length=100)]], Meta(max_length=MOST_TYPES)]
Status = Literal["active", "paused"]


class EndpointAttributes(msgspec.Struct, rename="kebab"):
    """An endpoint. Without `event-types` it is told of every event of the catalogue.

    `paused-reason` is asked, failing (it took nothing for a day) or gone (it answered 410). Until `old-secret-until`
    the key before the last signs, too. `secret` is there in the answer that makes it, and never again.
    """

    organization_id: UUID
    url: str
    description: str
    event_types: list[str]
    status: Status
    paused_reason: Literal["asked", "failing", "gone"] | None
    paused_time: datetime | None
    failing_since: datetime | None
    old_secret_until: datetime | None
    created_time: datetime
    last_modified_time: datetime
    secret: str | UnsetType = UNSET


class NewEndpoint(msgspec.Struct, rename="kebab", forbid_unknown_fields=True):
    """An endpoint to be made; of the caller's organization where none is named."""

    url: Url
    description: Description = ""
    event_types: EventTypes = msgspec.field(default_factory=list[str])
    organization_id: UUID | None = None


class EndpointChanges(msgspec.Struct, rename="kebab", forbid_unknown_fields=True):
    """What may change of an endpoint. Whoever makes it active again lets it be sent to at once."""

    url: Url | UnsetType = UNSET
    description: Description | UnsetType = UNSET
    event_types: EventTypes | UnsetType = UNSET
    status: Status | UnsetType = UNSET


class Rotation(msgspec.Struct, rename="kebab", forbid_unknown_fields=True):
    """How long the key that is replaced signs beside the new one: 0 for one that others know."""

    overlap_hours: Annotated[int, Meta(ge=0, le=MOST_OVERLAP_HOURS)] = 24


class EndpointQuery(Paged, kw_only=True):
    """Parameters of the list."""

    organization_id: UUID | None = msgspec.field(name="organization-id", default=None)
    status: Status | None = msgspec.field(name="filter[status]", default=None)


class TypesQuery(Query, kw_only=True):
    """The catalogue is told whole."""


EndpointDocument = Document[Literal["webhook-endpoints"], EndpointAttributes]
EndpointCollection = Collection[Literal["webhook-endpoints"], EndpointAttributes]
NewEndpointDocument = NewDocument[Literal["webhook-endpoints"], NewEndpoint]
ChangeEndpointDocument = ChangeDocument[Literal["webhook-endpoints"], EndpointChanges]
RotationDocument = NewDocument[Literal["webhook-secret-rotations"], Rotation]
TypeCollection = Collection[Literal["webhook-event-types"], EventType]
