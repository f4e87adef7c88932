"""The leaders of a group as they go out."""

from typing import Literal
from uuid import UUID

import msgspec
from jsonapi import Collection, Paged

KIND = "individual-group-leaders"


class Leader(msgspec.Struct, rename="kebab"):
    """Staff who lead a group."""

    id: UUID
    first_name: str | None
    last_name: str | None
    username: str | None


class GroupLeaderAttributes(msgspec.Struct, rename="kebab"):
    """A leader of a group."""

    individual_group_id: UUID
    leader: Leader


class GroupLeaderQuery(Paged, kw_only=True):
    """Which group's."""

    individual_group_id: UUID = msgspec.field(name="individual-group-id")


GroupLeaderCollection = Collection[Literal["individual-group-leaders"], GroupLeaderAttributes]
