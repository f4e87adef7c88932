"""Bodies of cohorts in the v5 dialect: search, create and what they answer."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec

from artifacts.v5.schemas import (
    MOST_ITEMS,
    Description,
    Ids,
    ItemResult,
    ListFilterSection,
    Name,
    Names,
    PageOffset,
    PageSize,
    Result,
    Search,
    Text,
)


class SearchCohorts(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """What to search for. Filters of one kind widen each other, filters of different kinds narrow."""

    search: Search | None = None
    filter_profile_ids: Ids | None = None
    filter_simulation_ids: Ids | None = None
    filter_department_ids: Ids | None = None
    profile_search: Search | None = None
    simulation_search: Search | None = None
    department_search: Search | None = None
    flag_search: Search | None = None
    page_size: PageSize | None = None
    page_offset: PageOffset | None = None


class ListCohortApiCohort(msgspec.Struct, kw_only=True):
    """A cohort in a list. `profile_ids` holds at most 1,000 members; `num_members` counts them all."""

    cohort_id: UUID
    name: str | None
    description: str
    is_inactive: bool
    generated: bool
    mcp: bool
    department_ids: list[UUID]
    profile_ids: list[UUID]
    simulation_ids: list[UUID]
    usage_count: int
    num_members: int
    can_edit: bool
    can_delete: bool
    can_duplicate: bool
    can_leave: bool
    updated_at: datetime


class ListCohortApiProfile(msgspec.Struct):
    """A profile that a cohort of the page has."""

    profile_id: UUID
    name: str
    description: str


class ListCohortApiSimulation(msgspec.Struct):
    """A simulation that a cohort of the page has."""

    simulation_id: UUID
    name: str
    description: str
    department_ids: list[UUID]


class ListCohortApiDepartment(msgspec.Struct):
    """A department that a cohort of the page has."""

    department_id: UUID
    name: str
    description: str


class CohortList(msgspec.Struct, kw_only=True):
    """A page of cohorts, what they refer to, and the filters with counts under the other filters."""

    actor_name: str | None
    user_role: str | None
    cohorts: list[ListCohortApiCohort] | None
    profiles: list[ListCohortApiProfile] | None
    simulations: list[ListCohortApiSimulation] | None
    departments: list[ListCohortApiDepartment] | None
    simulation_filter: ListFilterSection | None
    profile_filter: ListFilterSection | None
    department_filter: ListFilterSection | None
    flag_filter: ListFilterSection | None
    total_count: int | None
    import_fields: list[Any] | None


class CreateCohortItem(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """A cohort to be made. Where both are given, an id goes before its value."""

    id: UUID | None = None
    name_id: UUID | None = None
    name: Name | None = None
    description_id: UUID | None = None
    description: Description | None = None
    flag_id: UUID | None = None
    active_flag_id: UUID | None = None
    active_flag: bool | None = None
    department_ids: Ids | None = None
    departments: Names | None = None
    simulation_ids: Ids | None = None
    simulations: Names | None = None
    profile_ids: Ids | None = None
    profiles: Names | None = None
    simulation_position_ids: Ids | None = None
    simulation_availability_ids: Ids | None = None
    profile_persona_ids: Ids | None = None


class CreateCohorts(msgspec.Struct, forbid_unknown_fields=True):
    """Cohorts to be made."""

    cohorts: Annotated[list[CreateCohortItem], msgspec.Meta(max_length=MOST_ITEMS)]


class CohortResultItem(ItemResult, kw_only=True):
    """What became of an item."""

    cohort_id: UUID | None


class CohortResults(msgspec.Struct):
    """A result an item, in the items' order."""

    results: list[CohortResultItem]


class UpdateCohortItem(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """Changes of a cohort. What is absent or null stays; an empty description or list empties."""

    cohort_id: UUID
    name_id: UUID | None = None
    name: Text | None = None
    description_id: UUID | None = None
    description: Description | None = None
    flag_id: UUID | None = None
    active_flag_id: UUID | None = None
    active_flag: bool | None = None
    department_ids: Ids | None = None
    departments: Names | None = None
    simulation_ids: Ids | None = None
    simulations: Names | None = None
    profile_ids: Ids | None = None
    profiles: Names | None = None
    simulation_position_ids: Ids | None = None
    simulation_availability_ids: Ids | None = None
    profile_persona_ids: Ids | None = None


class UpdateCohorts(msgspec.Struct, forbid_unknown_fields=True):
    """Cohorts to be changed."""

    cohorts: Annotated[list[UpdateCohortItem], msgspec.Meta(max_length=MOST_ITEMS)]


class DeleteCohorts(msgspec.Struct, forbid_unknown_fields=True):
    """Cohorts to be deleted."""

    cohort_ids: Annotated[list[UUID], msgspec.Meta(max_length=MOST_ITEMS)]


class DeleteCohortResult(Result, kw_only=True):
    """What became of an item."""

    cohort_id: UUID


class DeleteCohortResults(msgspec.Struct):
    """A result an item, in the items' order."""

    results: list[DeleteCohortResult]


class OneCohort(msgspec.Struct, forbid_unknown_fields=True):
    """Which cohort."""

    cohort_id: UUID


class CohortResult(Result, kw_only=True):
    """What became of a cohort."""

    cohort_id: UUID


class ExportCohorts(msgspec.Struct, forbid_unknown_fields=True):
    """One cohort, or all of them."""

    cohort_id: UUID | None = None
