"""Bodies of personas in the v5 dialect."""

from datetime import datetime
from typing import Annotated
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
    Plain,
    Search,
)

Icon = Annotated[str, msgspec.Meta(max_length=100, pattern=Plain)]
Color = Annotated[str, msgspec.Meta(pattern=r"\A#[0-9a-fA-F]{6}\Z")]
Instructions = Annotated[str, msgspec.Meta(max_length=10_000, pattern=Plain)]
Example = Annotated[str, msgspec.Meta(max_length=1000, pattern=Plain)]
Examples = Annotated[list[Example], msgspec.Meta(max_length=100)]


class SearchPersonas(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """What to search for."""

    search: Search | None = None
    filter_department_ids: Ids | None = None
    department_search: Search | None = None
    page_size: PageSize | None = None
    page_offset: PageOffset | None = None


class ListPersonaApiPersona(msgspec.Struct, kw_only=True):
    """A persona; `usage_count` is how many cohorts have somebody who plays it."""

    persona_id: UUID
    name: str
    description: str
    icon: str | None
    color: str | None
    department_ids: list[UUID]
    instructions: str
    examples: list[str]
    active: bool
    generated: bool
    mcp: bool
    usage_count: int
    can_edit: bool
    can_delete: bool
    disabled_reason: str | None
    updated_at: datetime


class PersonaList(msgspec.Struct, kw_only=True):
    """A page of personas by name, and the filter with counts."""

    actor_name: str | None
    user_role: str | None
    personas: list[ListPersonaApiPersona] | None
    department_filter: ListFilterSection | None
    total_count: int | None


class GetPersona(msgspec.Struct, forbid_unknown_fields=True):
    """Which persona."""

    persona_id: UUID


class CreatePersonaItem(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """A persona to be made."""

    id: UUID | None = None
    name: Name
    description: Description | None = None
    icon: Icon | None = None
    color: Color | None = None
    department_ids: Ids | None = None
    departments: Names | None = None
    instructions: Instructions | None = None
    examples: Examples | None = None
    active: bool | None = None


class CreatePersonas(msgspec.Struct, forbid_unknown_fields=True):
    """Personas to be made."""

    personas: Annotated[list[CreatePersonaItem], msgspec.Meta(max_length=MOST_ITEMS)]


class UpdatePersonaItem(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """Changes of a persona. What is absent or null stays; a list replaces."""

    persona_id: UUID
    name: Name | None = None
    description: Description | None = None
    icon: Icon | None = None
    color: Color | None = None
    department_ids: Ids | None = None
    departments: Names | None = None
    instructions: Instructions | None = None
    examples: Examples | None = None
    active: bool | None = None


class UpdatePersonas(msgspec.Struct, forbid_unknown_fields=True):
    """Personas to be changed."""

    personas: Annotated[list[UpdatePersonaItem], msgspec.Meta(max_length=MOST_ITEMS)]


class DeletePersonas(msgspec.Struct, forbid_unknown_fields=True):
    """Personas to be deleted."""

    persona_ids: Annotated[list[UUID], msgspec.Meta(max_length=MOST_ITEMS)]


class PersonaResultItem(ItemResult, kw_only=True):
    """What became of an item."""

    persona_id: UUID | None


class PersonaResults(msgspec.Struct):
    """A result an item, in the items' order."""

    results: list[PersonaResultItem]
