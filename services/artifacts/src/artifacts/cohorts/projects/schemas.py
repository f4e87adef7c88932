"""Cohorts in the projects dialect."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from jsonapi import Query
from msgspec import UNSET, UnsetType

Limit = Annotated[int, msgspec.Meta(ge=1, le=1000)]
Offset = Annotated[int, msgspec.Meta(ge=0, le=10_000_000)]
Page = Annotated[int, msgspec.Meta(ge=1, le=1_000_000)]
Search = Annotated[str, msgspec.Meta(max_length=200, pattern=r"\A[^\x00]*\Z")]
Number = Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]
CohortType = Literal["static", "person_property", "behavioral", "realtime", "analytical"]


class CohortQuery(Query, kw_only=True, forbid_unknown_fields=False):
    """The list's parameters. They narrow each other; others are ignored, as this dialect does.

    `basic` leaves out what a cohort is made from.
    """

    limit: Limit = 100
    offset: Offset = 0
    type: Literal["static", "dynamic"] | None = None
    created_by_id: Number | None = None
    search: Search | None = None
    hide_behavioral_cohorts: bool = False
    basic: bool = False


class PersonQuery(Query, kw_only=True, forbid_unknown_fields=False):
    """Which of a cohort's persons. `properties` is a JSON array of conditions; without an operator one means exact.

    `as_of` is a date of ISO 8601 or a relative one (`-7d`): who was in the cohort then.
    """

    limit: Limit | None = None
    offset: Offset = 0
    search: Search | None = None
    properties: Annotated[str, msgspec.Meta(max_length=100_000)] | None = None
    as_of: Annotated[str, msgspec.Meta(max_length=50)] | None = None
    format: Literal["csv", "json"] | None = None
    is_csv_export: bool = False


class ActivityQuery(Query, kw_only=True, forbid_unknown_fields=False):
    """Which page of what was done."""

    limit: Limit = 10
    page: Page = 1


class HistoryQuery(Query, kw_only=True, forbid_unknown_fields=False):
    """Which calculations."""

    limit: Limit = 100
    offset: Offset = 0


class ProjectUser(msgspec.Struct, kw_only=True):
    """Whoever made a cohort."""

    id: int
    uuid: UUID
    distinct_id: str
    first_name: str
    last_name: str
    email: str | None
    is_email_verified: bool


class ProjectCohort(msgspec.Struct, kw_only=True):
    """A cohort. `filters` is never null; `count` is null until the first calculation of a dynamic cohort."""

    id: int
    name: str | None
    description: str
    groups: list[Any] | UnsetType = UNSET
    deleted: bool
    filters: dict[str, Any] | UnsetType = UNSET
    query: dict[str, Any] | None | UnsetType = UNSET
    version: int | None
    pending_version: int | None
    is_calculating: bool
    created_by: ProjectUser | None
    created_at: datetime
    last_calculation: datetime | None
    last_backfill_person_properties_at: datetime | None = None
    errors_calculating: int
    last_error_message: str | None
    count: int | None
    is_static: bool
    cohort_type: CohortType | None
    experiment_set: list[int]
    search_match_type: Literal["exact", "similar"] | None = None


class ProjectCohorts(msgspec.Struct):
    """A page of cohorts; `next` and `previous` are absolute addresses."""

    count: int
    next: str | None
    previous: str | None
    results: list[ProjectCohort]


class ProjectPerson(msgspec.Struct, kw_only=True):
    """Somebody in a cohort. `distinct_ids` are at most ten."""

    id: UUID
    uuid: UUID
    type: Literal["person"] = "person"
    name: str
    distinct_ids: list[str]
    properties: dict[str, Any]
    created_at: datetime
    last_seen_at: datetime | None
    is_identified: bool
    matched_recordings: list[Any] = msgspec.field(default_factory=list[Any])
    value_at_data_point: None = None


class ProjectPersons(msgspec.Struct):
    """A page of persons; `next` is there whenever the page is full."""

    results: list[ProjectPerson]
    next: str | None
    previous: str | None


class ActivityUser(msgspec.Struct):
    """Whoever did it; an empty name where that is no user."""

    first_name: str
    email: str | None


class ActivityChange(msgspec.Struct, kw_only=True):
    """What a field was and is."""

    type: Literal["Cohort"] = "Cohort"
    action: Literal["changed"] = "changed"
    field: str
    before: Any
    after: Any


class ActivityDetail(msgspec.Struct, kw_only=True):
    """What changed. `name` is what the cohort was called then."""

    changes: list[ActivityChange]
    trigger: None = None
    name: str | None
    short_id: None = None
    type: None = None


class ActivityEntry(msgspec.Struct, kw_only=True):
    """Something that was done to a cohort."""

    user: ActivityUser
    activity: str
    scope: Literal["Cohort"] = "Cohort"
    item_id: str | None
    detail: ActivityDetail
    created_at: datetime


class Activities(msgspec.Struct):
    """A page of what was done, newest first."""

    results: list[ActivityEntry]
    next: str | None
    previous: str | None
    total_count: int


class ManyPersons(msgspec.Struct):
    """Persons to be added, by UUID; at most 1,000."""

    person_ids: Any = None


class OnePerson(msgspec.Struct):
    """The person to be removed, by UUID."""

    person_id: Any = None


class Success(msgspec.Struct):
    """It was done."""

    success: bool = True


class UsedBy(msgspec.Struct):
    """Something that needs a cohort."""

    id: int
    name: str | None


class Uses(msgspec.Struct):
    """Those of one kind; at most 100 of `total`."""

    results: list[UsedBy]
    total: int
    has_more: bool


class UsedIn(msgspec.Struct):
    """What needs a cohort. The platform has no feature flags and insights of its own."""

    feature_flags: Uses
    insights: Uses
    cohorts: Uses


class Calculation(msgspec.Struct, kw_only=True):
    """One whole calculation. `total_memory_mb` is not measured."""

    id: UUID
    filters: dict[str, Any]
    count: int | None
    started_at: datetime
    finished_at: datetime | None
    queries: list[Any]
    error: str | None
    duration_seconds: float | None
    is_completed: bool
    is_successful: bool
    total_query_ms: int | None
    total_memory_mb: int | None = None
    total_read_rows: int | None
    total_written_rows: int | None
    main_query: str | None
    main_query_id: None = None


class Calculations(msgspec.Struct):
    """A page of calculations, newest first; `next` and `previous` hold the parameters alone."""

    results: list[Calculation]
    count: int
    next: str | None
    previous: str | None
