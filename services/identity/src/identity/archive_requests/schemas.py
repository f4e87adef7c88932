"""Archive requests as documents."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from jsonapi import Collection, Document, NewDocument, Paged

KIND = "archive-requests"
State = Literal["archive-requested", "archive-confirmed", "archive-canceled", "archived"]
Password = Annotated[str, msgspec.Meta(max_length=4096)]


class InterviewQuestion(msgspec.Struct, rename="kebab"):
    """A question and what was answered. `choice` takes yes or no."""

    question_id: UUID
    kind: Literal["text", "choice"]
    text: str
    value: str | None


class ArchiveRequestAttributes(msgspec.Struct, rename="kebab"):
    """A request and its interview."""

    individual_id: UUID
    interview_id: UUID
    email: str | None
    request_state: State
    interview: list[InterviewQuestion]
    created_by: UUID | None
    created_time: datetime
    last_modified_time: datetime


class NewArchiveRequest(msgspec.Struct, rename="kebab", forbid_unknown_fields=True):
    """Whom to archive, with the caller's own password."""

    individual_id: UUID
    password: Password | None = None


class Answer(msgspec.Struct, rename="kebab"):
    """An answer, to the first open question where none is named.

    Other members are passed over; the published page lists them under the name that `other` has there.
    """

    value: Annotated[str, msgspec.Meta(max_length=255)]
    individual_id: UUID | None = None
    interview_id: UUID | None = None
    question_id: UUID | None = None
    other: Any = msgspec.field(name="property name* additional property", default=None)


class ArchiveRequestQuery(Paged, kw_only=True):
    """Parameters of the list."""

    individual_id: UUID | None = msgspec.field(name="filter[individual-id]", default=None)


ArchiveRequestDocument = Document[Literal["archive-requests"], ArchiveRequestAttributes]
ArchiveRequestCollection = Collection[Literal["archive-requests"], ArchiveRequestAttributes]
NewArchiveRequestDocument = NewDocument[Literal["archive-requests"], NewArchiveRequest]
