"""What goes in and out."""

from typing import Annotated

import msgspec

from authz.answers import MOST_QUERIES, AccessQueries, Context, Id


class MultiUserIds(msgspec.Struct, rename="kebab", forbid_unknown_fields=True):
    """Users and queries: each user is held against each query."""

    access_query: AccessQueries
    user_ids: Annotated[list[Id], msgspec.Meta(min_length=1, max_length=MOST_QUERIES)]
    individually: bool = False
    context: Context | None = None


class BulkAccessRequest(msgspec.Struct, rename="kebab", forbid_unknown_fields=True):
    """The question."""

    multi_user_ids: MultiUserIds


class UserAccess(msgspec.Struct, rename="kebab"):
    """Whether a user is allowed all these queries."""

    access_query: list[str]
    allow: bool
    user_id: str


class BulkAccessAnswer(msgspec.Struct, rename="kebab"):
    """One entry a user, or one a user and query; users in the order of the question, then queries."""

    access_queries: list[UserAccess]
