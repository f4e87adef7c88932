"""What goes in and out."""

from typing import Annotated, Literal

import msgspec
from jsonapi import PageMeta, Query

from authz.answers import DEFAULT_PAGE, Id, Limit, Offset

MOST_RESOURCES = 50


class AccessorsQuery(Query, kw_only=True):
    """Which resources, and what one would do to them."""

    operation: Literal["read", "write"]
    resource_type: Literal["individual", "organization"] = msgspec.field(name="resource-type")
    resource_id: Annotated[list[Id], msgspec.Meta(min_length=1, max_length=MOST_RESOURCES)] = msgspec.field(
        name="resource-id"
    )
    organization_id: Id | None = msgspec.field(name="organization-id", default=None)
    limit: Limit = msgspec.field(name="page[limit]", default=DEFAULT_PAGE)
    offset: Offset = msgspec.field(name="page[offset]", default=0)


class Accessor(msgspec.Struct):
    """A user."""

    id: str


class AccessorsAnswer(msgspec.Struct):
    """A page of users in ascending order of their ids."""

    data: list[Accessor]
    meta: PageMeta
