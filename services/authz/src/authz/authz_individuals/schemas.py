"""What goes in and out."""

from typing import Annotated, Literal

import msgspec
from jsonapi import Query

from authz.answers import DEFAULT_PAGE, Id, Limit, Offset

MOST_OWNERS = 100


class IndividualsQuery(Query, kw_only=True):
    """Whose individuals, for what, and which of them."""

    operation: Literal["read", "write"]
    user_id: Id = msgspec.field(name="user-id")
    organization_id: Id | None = msgspec.field(name="filter[organization-id]", default=None)
    group_id: Id | None = msgspec.field(name="filter[group-id]", default=None)
    leader_id: Id | None = msgspec.field(name="filter[group-members-with-leader-id]", default=None)
    exclude_owner_ids: Annotated[list[Id], msgspec.Meta(max_length=MOST_OWNERS)] = msgspec.field(
        name="filter[exclude-owner-ids]", default_factory=list
    )
    limit: Limit = msgspec.field(name="page[limit]", default=DEFAULT_PAGE)
    offset: Offset = msgspec.field(name="page[offset]", default=0)
