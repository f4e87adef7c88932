"""Requests to compute columns of individuals again, as they go in and out."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from jsonapi import Document, NewDocument
from msgspec import Meta

KIND = "aggregation-requests"
MOST_ENTRIES = 1000

Column = Literal["group-count", "last-login", "cohort-count", "completion"]


class Entry(msgspec.Struct, rename="kebab", forbid_unknown_fields=True, frozen=True):
    """A column of an individual."""

    column: Column
    individual_id: UUID


class NewAggregationRequest(msgspec.Struct, rename="kebab", forbid_unknown_fields=True):
    """What is to be computed."""

    entries: Annotated[list[Entry], Meta(min_length=1, max_length=MOST_ENTRIES)]


class AggregationAttributes(msgspec.Struct, rename="kebab"):
    """A request and how far it is: `done` of `total` columns are computed."""

    status: Literal["running", "done"]
    total: int
    done: int
    created_time: datetime
    finished_time: datetime | None


AggregationDocument = Document[Literal["aggregation-requests"], AggregationAttributes]
NewAggregationDocument = NewDocument[Literal["aggregation-requests"], NewAggregationRequest]
