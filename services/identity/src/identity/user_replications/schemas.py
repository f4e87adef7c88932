"""Replications as documents."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from jsonapi import Collection, Document, NewDocument, Paged

ServiceName = Annotated[str, msgspec.Meta(min_length=1, max_length=63, pattern="^[a-z][a-z0-9_-]*$")]


class UserReplicationAttributes(msgspec.Struct, rename="kebab"):
    """A service holds a copy of a user."""

    user_id: UUID
    service: str
    created_time: datetime


class NewReplication(msgspec.Struct, rename="kebab", forbid_unknown_fields=True):
    """Which service holds a copy of whom."""

    user_id: UUID
    service: ServiceName


class UserReplicationsQuery(Paged, kw_only=True):
    """Of which user."""

    user_id: UUID = msgspec.field(name="user-id")


UserReplicationDocument = Document[Literal["user-replications"], UserReplicationAttributes]
UserReplicationCollection = Collection[Literal["user-replications"], UserReplicationAttributes]
NewUserReplication = NewDocument[Literal["user-replications"], NewReplication]
