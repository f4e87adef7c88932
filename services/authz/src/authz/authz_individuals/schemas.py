"""What goes in and out."""

from datetime import date
from typing import Annotated, Literal

import msgspec
from jsonapi import Query

from authz.answers import DEFAULT_PAGE, Id, Limit, Offset

MOST_OWNERS = 100

Text = Annotated[str, msgspec.Meta(min_length=1, max_length=255, pattern=r"^[^\x00]*$")]


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
    account_type: Annotated[str, msgspec.Meta(max_length=10)] | None = msgspec.field(
        name="filter[account-type]", default=None
    )
    birth_date: date | None = msgspec.field(name="filter[birth-date]", default=None)
    email: Text | None = msgspec.field(name="filter[email]", default=None)
    email_verified: bool | None = msgspec.field(name="filter[email-verified]", default=None)
    first_name: Text | None = msgspec.field(name="filter[first-name]", default=None)
    last_name: Text | None = msgspec.field(name="filter[last-name]", default=None)
    phone: Text | None = msgspec.field(name="filter[phone]", default=None)
    phone_verified: bool | None = msgspec.field(name="filter[phone-verified]", default=None)
    registered: bool | None = msgspec.field(name="filter[registered]", default=None)
    limit: Limit = msgspec.field(name="page[limit]", default=DEFAULT_PAGE)
    offset: Offset = msgspec.field(name="page[offset]", default=0)
