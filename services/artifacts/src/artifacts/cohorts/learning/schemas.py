"""Cohorts in the learning dialect."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from jsonapi import Query
from msgspec import UNSET, UnsetType

Limit = Annotated[int, msgspec.Meta(ge=1, le=500)]
Plain = Annotated[str, msgspec.Meta(max_length=400, pattern=r"\A[^\x00]*\Z")]
Name = Annotated[str, msgspec.Meta(min_length=1, max_length=400, pattern=r"\A[^\x00]*[^\x00\s][^\x00]*\Z")]
Short = Annotated[str, msgspec.Meta(min_length=1, max_length=200, pattern=r"\A[^\x00]+\Z")]
Tag = Annotated[str, msgspec.Meta(min_length=1, max_length=100, pattern=r"\A[^\x00]*[^\x00\s][^\x00]*\Z")]
Moment = Annotated[datetime, msgspec.Meta(tz=True)]
Moments = Annotated[list[Annotated[str, msgspec.Meta(max_length=40)]], msgspec.Meta(max_length=2)]
"""Times, each of which may begin with a comparator (<, <=, >, >=); they narrow each other."""
Sessions = Annotated[int, msgspec.Meta(ge=0, le=10_000)]
Percentage = Annotated[float, msgspec.Meta(ge=0, le=100)]
GroupId = Annotated[str, msgspec.Meta(min_length=40, max_length=40, pattern=r"\Agrp-[0-9A-Fa-f-]{36}\Z")]
AssessmentId = Annotated[str, msgspec.Meta(min_length=40, max_length=40, pattern=r"\Aasm-[0-9A-Fa-f-]{36}\Z")]
Facilitators = Annotated[list[UUID], msgspec.Meta(max_length=100)]
Assessments = Annotated[list[AssessmentId], msgspec.Meta(max_length=200)]
Tags = Annotated[list[Tag], msgspec.Meta(max_length=50)]
SourceType = Literal["frontend", "backend", "server", "system", "api"]
Status = Literal["planned", "active", "completed", "canceled"]


class CohortQuery(Query, kw_only=True):
    """The list's parameters. A filter names a field and the value that it must have; they narrow each other.

    A time may begin with a comparator. A tag or facilitator that is given several times must be there each time.
    """

    limit: Limit = 50
    cursor: Plain | None = None
    id: Plain | None = None
    tenant_id: Plain | None = None
    app_id: Plain | None = None
    created_at: Moments = msgspec.field(default_factory=list[str])
    updated_at: Moments = msgspec.field(default_factory=list[str])
    created_by: UUID | None = None
    updated_by: UUID | None = None
    source: Plain | None = None
    source_type: SourceType | None = None
    is_deleted: bool | None = None
    deleted_at: Moments = msgspec.field(default_factory=list[str])
    deleted_by: UUID | None = None
    schema_version: int | None = None
    group_id: Plain | None = None
    program_id: Plain | None = None
    name: Plain | None = None
    start_date: Moments = msgspec.field(default_factory=list[str])
    end_date: Moments = msgspec.field(default_factory=list[str])
    status: Status | None = None
    session_count: int | None = None
    completion_required_pct: float | None = None
    current_completion_pct: float | None = None
    version: int | None = None
    tag: Annotated[list[Plain], msgspec.Meta(max_length=50)] = msgspec.field(default_factory=list[str])
    facilitator_id: Annotated[list[Plain], msgspec.Meta(max_length=50)] = msgspec.field(default_factory=list[str])


class WrittenCohort(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What a client says of a cohort; null clears. What the server stamps may be sent only as it is.

    `status` null, which is also how a cohort begins, follows the dates. `version` in a change is the one that the
    client has seen: another one is refused. A new cohort's is 1, whatever is sent.
    """

    name: Name | None | UnsetType = UNSET
    source: Short | UnsetType = UNSET
    source_type: SourceType | UnsetType = UNSET
    group_id: GroupId | None | UnsetType = UNSET
    program_id: Short | None | UnsetType = UNSET
    start_date: Moment | None | UnsetType = UNSET
    end_date: Moment | None | UnsetType = UNSET
    status: Status | None | UnsetType = UNSET
    session_count: Sessions | None | UnsetType = UNSET
    facilitator_ids: Facilitators | None | UnsetType = UNSET
    assigned_assessment_ids: Assessments | None | UnsetType = UNSET
    completion_required_pct: Percentage | None | UnsetType = UNSET
    metadata: dict[str, Any] | None | UnsetType = UNSET
    tags: Tags | None | UnsetType = UNSET
    version: int | UnsetType = UNSET

    id: Any | UnsetType = UNSET
    tenant_id: Any | UnsetType = UNSET
    app_id: Any | UnsetType = UNSET
    created_at: Any | UnsetType = UNSET
    updated_at: Any | UnsetType = UNSET
    created_by: Any | UnsetType = UNSET
    updated_by: Any | UnsetType = UNSET
    is_deleted: Any | UnsetType = UNSET
    deleted_at: Any | UnsetType = UNSET
    deleted_by: Any | UnsetType = UNSET
    schema_version: Any | UnsetType = UNSET
    current_completion_pct: Any | UnsetType = UNSET


class LearningCohort(msgspec.Struct, kw_only=True):
    """A group of learners in a programme. `app_id` is there only where an application's key made it.

    `current_completion_pct` is the mean over the learners who are enrolled, null without any.
    """

    id: str
    tenant_id: str
    app_id: str | UnsetType = UNSET
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


class CompletionQuery(Query, kw_only=True):
    """The parameters of a list of completions."""

    limit: Limit = 50
    cursor: Plain | None = None
    learner_id: UUID | None = None
    session: int | None = None
    assessment_id: Plain | None = None


class NewCompletion(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What a learner has completed: one of a session, an assessment and a share of the whole programme, else all."""

    learner_id: UUID
    session: Annotated[int, msgspec.Meta(ge=1, le=10_000)] | None = None
    assessment_id: AssessmentId | None = None
    completion_pct: Percentage | None = None
    completed_at: Moment | None = None


class CompletionOut(msgspec.Struct, kw_only=True):
    """A completion as it is kept. `learner_id` is the person's id, `user_id` their login's, if they have one."""

    id: str
    cohort_id: str
    learner_id: UUID
    user_id: UUID | None
    session: int | None
    assessment_id: str | None
    completion_pct: float
    completed_at: datetime
    recorded_by: UUID | None
    created_at: datetime
    updated_at: datetime


class Completions(msgspec.Struct):
    """A page of completions, in the order in which they were first recorded."""

    items: list[CompletionOut]
    total: int
    next_cursor: str | None
