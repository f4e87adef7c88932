"""Bodies of simulations in the v5 dialect."""

from datetime import datetime
from typing import Annotated, Literal
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
    Search,
)

MOST_CHOICES = 1000
Place = Annotated[int, msgspec.Meta(ge=0, le=1_000_000)]
Positions = Annotated[list[Place], msgspec.Meta(max_length=MOST_CHOICES)]


class Opening(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """When a simulation opens or closes."""

    time: Annotated[datetime, msgspec.Meta(tz=True)]
    type: Literal["open", "close"]


Openings = Annotated[list[Opening], msgspec.Meta(max_length=MOST_CHOICES)]


class SearchSimulations(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """What to search for."""

    search: Search | None = None
    filter_department_ids: Ids | None = None
    department_search: Search | None = None
    page_size: PageSize | None = None
    page_offset: PageOffset | None = None


class ListSimulationApiSimulation(msgspec.Struct, kw_only=True):
    """A simulation in a list; `usage_count` is how many cohorts have it."""

    simulation_id: UUID
    name: str
    description: str
    department_ids: list[UUID]
    generated: bool
    mcp: bool
    usage_count: int
    can_edit: bool
    can_delete: bool
    disabled_reason: str | None
    updated_at: datetime


class SimulationList(msgspec.Struct, kw_only=True):
    """A page of simulations by name, and the filter with counts."""

    actor_name: str | None
    user_role: str | None
    simulations: list[ListSimulationApiSimulation] | None
    department_filter: ListFilterSection | None
    total_count: int | None


class GetSimulation(msgspec.Struct, forbid_unknown_fields=True):
    """Which simulation."""

    simulation_id: UUID


class SimulationPlace(msgspec.Struct, kw_only=True):
    """A place in the order, which a cohort chooses by its id."""

    id: UUID
    value: int


class SimulationOpening(msgspec.Struct, kw_only=True):
    """A time when it opens or closes, which a cohort chooses by its id."""

    id: UUID
    time: datetime
    type: str


class SimulationDetail(ListSimulationApiSimulation, kw_only=True):
    """A simulation with what cohorts choose of it."""

    actor_name: str | None
    positions: list[SimulationPlace]
    availability: list[SimulationOpening]


class CreateSimulationItem(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """A simulation to be made."""

    id: UUID | None = None
    name: Name
    description: Description | None = None
    department_ids: Ids | None = None
    departments: Names | None = None
    positions: Positions | None = None
    availability: Openings | None = None


class CreateSimulations(msgspec.Struct, forbid_unknown_fields=True):
    """Simulations to be made."""

    simulations: Annotated[list[CreateSimulationItem], msgspec.Meta(max_length=MOST_ITEMS)]


class UpdateSimulationItem(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """Changes of a simulation. What is absent or null stays; a list replaces."""

    simulation_id: UUID
    name: Name | None = None
    description: Description | None = None
    department_ids: Ids | None = None
    departments: Names | None = None
    positions: Positions | None = None
    availability: Openings | None = None


class UpdateSimulations(msgspec.Struct, forbid_unknown_fields=True):
    """Simulations to be changed."""

    simulations: Annotated[list[UpdateSimulationItem], msgspec.Meta(max_length=MOST_ITEMS)]


class DeleteSimulations(msgspec.Struct, forbid_unknown_fields=True):
    """Simulations to be deleted."""

    simulation_ids: Annotated[list[UUID], msgspec.Meta(max_length=MOST_ITEMS)]


class SimulationResultItem(ItemResult, kw_only=True):
    """What became of an item."""

    simulation_id: UUID | None


class SimulationResults(msgspec.Struct):
    """A result an item, in the items' order."""

    results: list[SimulationResultItem]
