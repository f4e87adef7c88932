"""The form of a cohort: a section for each thing that can be chosen."""

from datetime import datetime
from uuid import UUID

import msgspec

from artifacts.v5.schemas import Choosable, Search, Section


class GetCohort(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """Which cohort, and how its choices are searched. Without a cohort the form is empty."""

    cohort_id: UUID | None = None
    descriptions_search: Search | None = None
    simulation_search: Search | None = None
    simulation_show_selected: bool | None = None
    profile_search: Search | None = None
    profile_show_selected: bool | None = None
    draft_id: UUID | None = None


class NameItem(Choosable, frozen=True):
    """A name."""

    id: UUID
    name: str


class DescriptionItem(Choosable, frozen=True):
    """A description."""

    id: UUID
    description: str


class FlagItem(Choosable, frozen=True, kw_only=True):
    """A choice of the flag."""

    key: str
    label: str
    description: str
    icon_id: UUID | None
    flag_option_id: UUID
    show: bool
    required: bool


class DepartmentItem(Choosable, frozen=True):
    """A department."""

    department_id: UUID
    name: str
    description: str


class SimulationItem(Choosable, frozen=True):
    """A simulation."""

    simulation_id: UUID
    name: str
    description: str


class PositionItem(Choosable, frozen=True):
    """A simulation's place in the order."""

    id: UUID
    simulation_id: UUID
    value: int


class AvailabilityItem(Choosable, frozen=True):
    """When a simulation opens or closes."""

    id: UUID
    simulation_id: UUID
    time: datetime
    type: str


class ProfileItem(Choosable, frozen=True):
    """A profile."""

    profile_id: UUID
    name: str
    description: str


class ProfilePersonaItem(Choosable, frozen=True):
    """A profile's part."""

    id: UUID
    profile_id: UUID
    persona_id: UUID


class CohortNameSection(Section, frozen=True, kw_only=True):
    """The name."""

    resource: NameItem | None
    resources: list[NameItem]


class CohortDescriptionSection(Section, frozen=True, kw_only=True):
    """The description."""

    resource: DescriptionItem | None
    resources: list[DescriptionItem]


class CohortFlagSection(Section, frozen=True, kw_only=True):
    """Whether the cohort is in use."""

    resource: FlagItem | None
    resources: list[FlagItem]


class CohortDepartmentSection(Section, frozen=True, kw_only=True):
    """The departments."""

    current: list[DepartmentItem]
    resources: list[DepartmentItem]


class CohortSimulationSection(Section, frozen=True, kw_only=True):
    """The simulations."""

    current: list[SimulationItem]
    resources: list[SimulationItem]


class CohortSimulationPositionSection(Section, frozen=True, kw_only=True):
    """The order of the chosen simulations."""

    current: list[PositionItem]
    resources: list[PositionItem]


class CohortSimulationAvailabilitySection(Section, frozen=True, kw_only=True):
    """When the chosen simulations open and close."""

    current: list[AvailabilityItem]
    resources: list[AvailabilityItem]


class CohortProfileSection(Section, frozen=True, kw_only=True):
    """The people."""

    current: list[ProfileItem]
    resources: list[ProfileItem]


class CohortProfilePersonaSection(Section, frozen=True, kw_only=True):
    """The parts of the chosen people."""

    current: list[ProfilePersonaItem]
    resources: list[ProfilePersonaItem]


class GetPersonaResponse(msgspec.Struct):
    """A persona."""

    id: UUID
    name: str
    description: str
    icon: str | None
    color: str | None
    department_ids: list[UUID]
    instructions: str
    examples: list[str]
    active: bool


class CohortForm(msgspec.Struct, kw_only=True):
    """A cohort as a form."""

    actor_name: str | None
    cohort_exists: bool | None
    can_edit: bool | None
    disabled_reason: str | None
    draft_version: int | None
    group_id: str | None
    basic_show_ai_generate: bool | None = False
    simulations_step_show_ai_generate: bool | None = False
    profiles_step_show_ai_generate: bool | None = False
    names: CohortNameSection | None
    descriptions: CohortDescriptionSection | None
    flags: CohortFlagSection | None
    departments: CohortDepartmentSection | None
    simulations: CohortSimulationSection | None
    simulation_positions: CohortSimulationPositionSection | None
    simulation_availability: CohortSimulationAvailabilitySection | None
    profiles: CohortProfileSection | None
    profile_personas: CohortProfilePersonaSection | None
    personas: list[GetPersonaResponse] | None
