"""Cohorts in the projects dialect."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from jsonapi import Query

Limit = Annotated[int, msgspec.Meta(ge=1, le=1000)]
Offset = Annotated[int, msgspec.Meta(ge=0, le=10_000_000)]
Search = Annotated[str, msgspec.Meta(max_length=200, pattern=r"\A[^\x00]*\Z")]
Number = Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]


class CohortQuery(Query, kw_only=True, forbid_unknown_fields=False):
    """The list's parameters. They narrow each other; others are ignored, as this dialect does."""

    limit: Limit = 100
    offset: Offset = 0
    type: Literal["static", "dynamic"] | None = None
    created_by_id: Number | None = None
    search: Search | None = None


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
    groups: list[Any]
    deleted: bool
    filters: dict[str, Any]
    query: dict[str, Any] | None
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
    cohort_type: Literal["static", "person_property", "behavioral", "realtime", "analytical"] | None
    experiment_set: list[int]
    search_match_type: Literal["exact", "similar"] | None = None


class ProjectCohorts(msgspec.Struct):
    """A page of cohorts; `next` and `previous` are absolute addresses."""

    count: int
    next: str | None
    previous: str | None
    results: list[ProjectCohort]
