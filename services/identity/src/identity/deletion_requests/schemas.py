"""Deletion requests as documents."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from chassis.erasure import Person
from chassis.erasure.receipts import Receipt
from jsonapi import Collection, Document, NewDocument, Paged
from jsonapi.query import Text

KIND = "deletion-requests"
Status = Literal["pending", "running", "done", "failed"]
Type = Literal["indv", "user"]
Password = Annotated[str, msgspec.Meta(max_length=4096)]
COPY_CHARACTERS = 900_000


class Progress(msgspec.Struct, rename="kebab"):
    """How far one service (`app`) is, and its receipt when it is done."""

    app: str
    operation: str
    state: Status
    reference_id: UUID
    attempts: int
    started_time: datetime | None
    ended_time: datetime | None
    receipt: Receipt | None


class DeletionRequestAttributes(msgspec.Struct, rename="kebab"):
    """A request. `email` is told for as long as identity knows it; `person` is told to services that erase."""

    type: Type
    user_id: UUID | None
    individual_id: UUID | None
    archive: bool
    status: Status
    email: str | None
    progress: list[Progress]
    created_by: UUID | None
    created_time: datetime
    ended_time: datetime | None
    person: Person | None = None


class NewDeletionRequest(msgspec.Struct, rename="kebab", forbid_unknown_fields=True):
    """Whom to erase: a login (`user`) or an individual (`indv`), with the caller's own password."""

    type: Type
    user_id: UUID | None = None
    individual_id: UUID | None = None
    archive: bool = False
    password: Password | None = None


class UpdateStatus(msgspec.Struct, rename="kebab"):
    """What a service reports. `part` and `copy` hand over a piece of the copy.

    Other members are passed over; the published page lists them under the name that `other` has there.
    """

    reference_id: UUID
    state: Literal["running", "done", "failed"]
    receipt: Receipt | None = None
    part: Annotated[int, msgspec.Meta(ge=0, le=9999)] | None = None
    copy: Annotated[str, msgspec.Meta(max_length=COPY_CHARACTERS)] | None = None
    other: Any = msgspec.field(name="property name* additional property", default=None)


class Reported(msgspec.Struct):
    """Nothing more to say."""


class DeletionRequestQuery(Paged, kw_only=True):
    """Parameters of the list."""

    user_email: Text = msgspec.field(name="user-email")


DeletionRequestDocument = Document[Literal["deletion-requests"], DeletionRequestAttributes]
DeletionRequestCollection = Collection[Literal["deletion-requests"], DeletionRequestAttributes]
NewDeletionRequestDocument = NewDocument[Literal["deletion-requests"], NewDeletionRequest]
