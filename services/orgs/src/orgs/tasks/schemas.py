"""Tasks as they go out."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import msgspec
from jsonapi import Document

KIND = "tasks"


class Progress(msgspec.Struct):
    """How many pieces are done, and of how many where that is known yet."""

    done: int
    total: int | None


class TaskAttributes(msgspec.Struct, rename="kebab"):
    """A piece of work that was asked for."""

    kind: str
    status: Literal["pending", "running", "done", "failed"]
    organization_id: UUID
    created_by_id: UUID | None
    created_time: datetime
    finished_time: datetime | None
    progress: Progress | None
    result: dict[str, Any]


TaskDocument = Document[Literal["tasks"], TaskAttributes]
