"""Comments as they go in and out."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from jsonapi import Collection, Comparators, Document, NewDocument, Paged
from msgspec import Meta

KIND = "feedback-comments"

Comment = Annotated[str, Meta(min_length=1, max_length=4000, pattern=r"\A\s*[^\x00\s][^\x00]*\Z")]
CurrentPage = Annotated[str, Meta(min_length=1, max_length=2048, pattern=r"\A[^\x00-\x1f]*\Z")]


class CommentAttributes(msgspec.Struct, rename="kebab"):
    """What somebody typed on which page. `email` is the writer's address at that moment."""

    comment: str
    created_by: UUID
    created_time: datetime
    current_page: str
    email: str | None
    individual_id: UUID | None


class NewComment(msgspec.Struct, rename="kebab", forbid_unknown_fields=True):
    """A comment; `individual-id` is whom the page was about."""

    comment: Comment
    current_page: CurrentPage
    individual_id: UUID | None = None


class CommentQuery(Paged, kw_only=True):
    """Parameters of the list."""

    created: Comparators | None = msgspec.field(name="filter[cmp-created-time]", default=None)
    created_by: UUID | None = msgspec.field(name="filter[created-by]", default=None)
    current_page: CurrentPage | None = msgspec.field(name="filter[current-page]", default=None)
    individual_id: UUID | None = msgspec.field(name="filter[individual-id]", default=None)
    organization_id: UUID | None = msgspec.field(name="filter[organization-id]", default=None)


CommentDocument = Document[Literal["feedback-comments"], CommentAttributes]
CommentCollection = Collection[Literal["feedback-comments"], CommentAttributes]
NewCommentDocument = NewDocument[Literal["feedback-comments"], NewComment]
