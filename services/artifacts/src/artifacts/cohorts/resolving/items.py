"""What is asked for, and what became of it."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from artifacts.cohorts.models import Cohort
from artifacts.outcomes import Problem

LISTS = (
    "department_ids",
    "simulation_ids",
    "simulation_position_ids",
    "simulation_availability_ids",
    "profile_persona_ids",
)
"""The lists of ids that stand in a cohort's own row."""


class Wanted(msgspec.Struct, kw_only=True):
    """A cohort as a client describes it, in ids or in values. None says nothing: what is there stays.

    An empty list empties, and so does an empty description. Values of positions are `(simulation, place)`, of windows
    `(simulation, time, "open" or "close")`, of parts `(profile, persona)`.
    """

    id: UUID | None = None
    name_id: UUID | None = None
    name: str | None = None
    description_id: UUID | None = None
    description: str | None = None
    flag_id: UUID | None = None
    is_active: bool | None = None
    department_ids: list[UUID] | None = None
    departments: list[str] | None = None
    simulation_ids: list[UUID] | None = None
    simulations: list[str] | None = None
    profile_ids: list[UUID] | None = None
    profiles: list[str] | None = None
    simulation_position_ids: list[UUID] | None = None
    simulation_availability_ids: list[UUID] | None = None
    profile_persona_ids: list[UUID] | None = None
    simulation_positions: list[tuple[UUID, int]] | None = None
    simulation_availability: list[tuple[UUID, datetime, str]] | None = None
    profile_personas: list[tuple[UUID, UUID]] | None = None


class Resolved(msgspec.Struct, kw_only=True):
    """A cohort in ids, or what is wrong with it.

    `profile_ids` is None where an update says nothing of them. `made` are texts, positions, windows and parts that
    were not there before.
    """

    wanted: Wanted
    problems: list[Problem] = msgspec.field(default_factory=list[Problem])
    name_id: UUID | None = None
    description_id: UUID | None = None
    is_active: bool = True
    department_ids: list[UUID] = msgspec.field(default_factory=list[UUID])
    simulation_ids: list[UUID] = msgspec.field(default_factory=list[UUID])
    profile_ids: list[UUID] | None = None
    simulation_position_ids: list[UUID] = msgspec.field(default_factory=list[UUID])
    simulation_availability_ids: list[UUID] = msgspec.field(default_factory=list[UUID])
    profile_persona_ids: list[UUID] = msgspec.field(default_factory=list[UUID])
    new_simulations: list[str] = msgspec.field(default_factory=list[str])
    made: list[UUID] = msgspec.field(default_factory=list[UUID])

    def refuse(self, field: str, message: str) -> None:
        """Note a problem."""
        self.problems.append(Problem(field, message))


class Present(msgspec.Struct, kw_only=True):
    """What a cohort or a draft has before a change. `profile_ids` is None where the members are in the table alone."""

    id: UUID | None = None
    name_id: UUID | None = None
    description_id: UUID | None = None
    is_active: bool = True
    department_ids: list[UUID] = msgspec.field(default_factory=list[UUID])
    simulation_ids: list[UUID] = msgspec.field(default_factory=list[UUID])
    profile_ids: list[UUID] | None = None
    simulation_position_ids: list[UUID] = msgspec.field(default_factory=list[UUID])
    simulation_availability_ids: list[UUID] = msgspec.field(default_factory=list[UUID])
    profile_persona_ids: list[UUID] = msgspec.field(default_factory=list[UUID])
    is_static: bool = True
    needs_name: bool = True


def present(cohort: Cohort) -> Present:
    """What a cohort has."""
    fields: dict[str, Any] = {name: getattr(cohort, name) for name in ("id", "name_id", "description_id", *LISTS)}
    return Present(**fields, is_active=cohort.is_active, is_static=cohort.is_static)
