"""Replicators as documents."""

from datetime import datetime
from typing import Literal

import msgspec
from jsonapi import Collection, Document, Paged


class ReplicatorAttributes(msgspec.Struct, rename="kebab"):
    """A service that copies identity's events, by its durable consumer. `classpath` is the consumer's name."""

    classpath: str
    created_time: datetime
    last_poll_time: datetime | None


class ReplicatorsQuery(Paged, kw_only=True):
    """Which page."""


ReplicatorDocument = Document[Literal["replicators"], ReplicatorAttributes]
ReplicatorCollection = Collection[Literal["replicators"], ReplicatorAttributes]
