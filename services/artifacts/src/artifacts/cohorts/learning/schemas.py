"""Cohorts in the learning dialect."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from jsonapi import Query

Limit = Annotated[int, msgspec.Meta(ge=1, le=500)]
Plain = Annotated[str, msgspec.Meta(max_length=400, pattern=r"\A[^\x00]*\Z")]
SourceType = Literal["frontend", "backend", "server", "system", "api"]
Status = Literal["planned", "active", "completed", "canceled"]


class CohortQuery(Query, kw_only=True):
    """The list's parameters. A filter names a field and the value that it must have; they narrow each other."""

    limit: Limit = 50
    cursor: Plain | None = None
    name: Plain | None = None
    status: Status | None = None
    program_id: Plain | None = None
    group_id: Plain | None = None
    source: Plain | None = None
    source_type: SourceType | None = None
    created_by: UUID | None = None
    updated_by: UUID | None = None
    tag: Plain | None = None
    facilitator_id: Plain | None = None
    is_deleted: bool = False


class LearningCohort(msgspec.Struct, kw_only=True):
    """A group of learners in a programme. `app_id` is there only where an application's key made it."""

    id: str
    tenant_id: str
    app_id: str | msgspec.UnsetType = msgspec.UNSET
    created_at: datetime
    updated_at: datetime
    created_by: UUID | None
    updated_by: UUID | None
    source: str
    source_type: SourceType
    is_deleted: bool
    deleted_at: datetime | None
    deleted_by: UUID | None
    schema_version: int
    group_id: str
    program_id: str | None
    name: str | None
    start_date: datetime | None
    end_date: datetime | None
    status: Status
    session_count: int | None
    facilitator_ids: list[str]
    assigned_assessment_ids: list[str]
    completion_required_pct: float | None
    current_completion_pct: float | None
    metadata: dict[str, Any]
    tags: list[str]
    version: int


class LearningCohorts(msgspec.Struct):
    """A page of cohorts; `next_cursor` is null on the last one."""

    items: list[LearningCohort]
    total: int
    next_cursor: str | None
