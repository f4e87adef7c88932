"""What goes in and out."""

from typing import Annotated

import msgspec
from jsonapi import PageMeta

from authz.answers import Context, Id, Offset

MOST_QUERIES = 100
LARGEST_PAGE, DEFAULT_PAGE = 1000, 100


class ExplanationRequest(msgspec.Struct, rename="kebab", forbid_unknown_fields=True):
    """A user and queries, a user and one query with an empty id, or one query alone."""

    access_query: Annotated[list[str], msgspec.Meta(min_length=1, max_length=MOST_QUERIES)]
    user_id: Id | None = None
    organization_id: Id | None = None
    context: Context | None = None
    limit: Annotated[int, msgspec.Meta(ge=1, le=LARGEST_PAGE)] = msgspec.field(name="page[limit]", default=DEFAULT_PAGE)
    offset: Offset = msgspec.field(name="page[offset]", default=0)


class Thing(msgspec.Struct):
    """A user, role, group, individual, organization, or a thing of an application."""

    type: str
    id: str


class Fact(msgspec.Struct, rename="kebab", omit_defaults=True):
    """A fact: what `subject` is to `object`.

    `has-role`, `role-of`, `staff-of`, `leads`, `member-of`, `below`, `belongs-to`, `in-group`, `owns`, `is`, `granted`.
    """

    fact: str
    subject: Thing
    object: Thing
    operation: str | None = None
    role_name: str | None = None
    grant_id: str | None = None


class Lack(msgspec.Struct, rename="kebab", omit_defaults=True):
    """Something that stands in the way, or that would be enough (`no-fact`)."""

    reason: str
    detail: str
    grant_id: str | None = None


class Explanation(msgspec.Struct, rename="kebab"):
    """A decision with the paths of facts that allow it, from the user to the resource, or with what was missing.

    `hidden` tells that there are paths which the caller may not see.
    """

    user_id: str
    access_query: str
    allow: bool
    paths: list[list[Fact]]
    missing: list[Lack]
    hidden: bool = False


class ExplanationAnswer(msgspec.Struct, rename="kebab"):
    """Explanations; `allow` says whether all queries are allowed and is null for lists and accessors."""

    allow: bool | None
    explanations: list[Explanation]
    meta: PageMeta
