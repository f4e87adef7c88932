"""Drafts of cohorts in the v5 dialect."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec

from artifacts.v5.schemas import MOST_IDS, MOST_ITEMS, Description, Ids, ItemResult, Text

Place = Annotated[int, msgspec.Meta(ge=0, le=1_000_000)]
Opening = Literal["open", "close"]


class DraftSimulationPositionValue(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """A simulation's place in the order."""

    simulation_id: UUID
    value: Place


class DraftSimulationAvailabilityValue(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """When a simulation opens or closes."""

    simulation_id: UUID
    time: Annotated[datetime, msgspec.Meta(tz=True)]
    type: Opening


class DraftProfilePersonaValue(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """The part that a profile plays."""

    profile_id: UUID
    persona_id: UUID


class PatchCohortDraft(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """What changes in the form. What is absent or null stays; an empty text or list empties."""

    input_draft_id: UUID | None = None
    expected_version: Annotated[int, msgspec.Meta(ge=0)] | None = None
    name: Text | None = None
    name_id: UUID | None = None
    description: Description | None = None
    description_id: UUID | None = None
    flag_id: UUID | None = None
    department_ids: Ids | None = None
    simulation_ids: Ids | None = None
    profile_ids: Ids | None = None
    simulation_position_ids: Ids | None = None
    simulation_positions: Annotated[list[DraftSimulationPositionValue], msgspec.Meta(max_length=MOST_IDS)] | None = None
    simulation_availability_ids: Ids | None = None
    simulation_availability: (
        Annotated[list[DraftSimulationAvailabilityValue], msgspec.Meta(max_length=MOST_IDS)] | None
    ) = None
    profile_persona_ids: Ids | None = None
    profile_personas: Annotated[list[DraftProfilePersonaValue], msgspec.Meta(max_length=MOST_IDS)] | None = None


class CohortDraftFormState(msgspec.Struct, kw_only=True):
    """The form as it is kept."""

    name_id: UUID | None
    name: str | None
    description_id: UUID | None
    description: str | None
    flag_id: UUID
    active_flag: bool
    department_ids: list[UUID]
    simulation_ids: list[UUID]
    profile_ids: list[UUID]
    simulation_position_ids: list[UUID]
    simulation_positions: list[DraftSimulationPositionValue]
    simulation_availability_ids: list[UUID]
    simulation_availability: list[DraftSimulationAvailabilityValue]
    profile_persona_ids: list[UUID]
    profile_personas: list[DraftProfilePersonaValue]


class CohortDraftResult(msgspec.Struct, kw_only=True):
    """What became of the draft."""

    success: bool
    draft_id: UUID
    new_version: int
    message: str
    form_state: CohortDraftFormState | None


class GetCohortDraftResponse(msgspec.Struct, kw_only=True):
    """A draft in a list. `pending_…` are those that this draft had made; `active` is false for one that is done."""

    id: UUID
    created_at: datetime
    updated_at: datetime
    version: int
    generated: bool
    mcp: bool
    active: bool
    session_id: UUID | None
    name_ids: list[UUID]
    description_ids: list[UUID]
    flag_ids: list[UUID]
    department_ids: list[UUID]
    simulation_ids: list[UUID]
    simulation_position_ids: list[UUID]
    simulation_availability_ids: list[UUID]
    profile_ids: list[UUID]
    profile_persona_ids: list[UUID]
    pending_name_ids: list[UUID]
    pending_description_ids: list[UUID]
    pending_flag_ids: list[UUID]
    pending_department_ids: list[UUID]
    pending_simulation_ids: list[UUID]
    pending_simulation_position_ids: list[UUID]
    pending_simulation_availability_ids: list[UUID]
    pending_profile_ids: list[UUID]
    pending_profile_persona_ids: list[UUID]


class CohortDrafts(msgspec.Struct):
    """The caller's drafts, the newest first."""

    entries: list[GetCohortDraftResponse] | None


class DiscardCohortDrafts(msgspec.Struct, forbid_unknown_fields=True):
    """Drafts to be removed."""

    draft_ids: Annotated[list[UUID], msgspec.Meta(max_length=MOST_ITEMS)]


class DiscardDraftResult(ItemResult, kw_only=True):
    """What became of a draft."""

    draft_id: UUID


class DiscardDraftResults(msgspec.Struct):
    """A result an item, in the items' order."""

    results: list[DiscardDraftResult]
