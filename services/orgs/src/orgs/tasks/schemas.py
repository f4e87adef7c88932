"""Tasks as they go out."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import msgspec
from jsonapi import Document

KIND = "tasks"


class TaskAttributes(msgspec.Struct, rename="kebab"):
    """A piece of work that was asked for."""

    kind: str
    status: Literal["pending", "running", "done", "failed"]
    organization_id: UUID
    created_by_id: UUID | None
    created_time: datetime
    finished_time: datetime | None
    result: dict[str, Any]


TaskDocument = Document[Literal["tasks"], TaskAttributes]
