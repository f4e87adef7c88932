"""What goes in and out."""

import msgspec
from jsonapi import PageMeta

from authz.answers import DEFAULT_PAGE, AccessQueries, Context, Id, Limit, Offset


class AccessibleRequest(msgspec.Struct, rename="kebab", forbid_unknown_fields=True):
    """A user and queries; one with an empty id asks for every resource of its type."""

    access_query: AccessQueries
    user_id: Id
    organization_id: Id | None = None
    context: Context | None = None
    limit: Limit = msgspec.field(name="page[limit]", default=DEFAULT_PAGE)
    offset: Offset = msgspec.field(name="page[offset]", default=0)


class AccessibleAnswer(msgspec.Struct, rename="kebab"):
    """A page of the resources' ids in ascending order."""

    resource_ids: list[str]
    meta: PageMeta
