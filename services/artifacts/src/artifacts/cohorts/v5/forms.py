"""A cohort as a form of the v5 dialect."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec
from kernel import NotFound
from sqlalchemy import ColumnElement, false, select
from sqlalchemy.ext.asyncio import AsyncSession

from artifacts.actors import Actor
from artifacts.cohorts import flags, queries, rules
from artifacts.cohorts.models import Cohort
from artifacts.cohorts.queries import Found
from artifacts.cohorts.v5 import form_schemas as form
from artifacts.cohorts.v5.form_schemas import CohortForm, GetCohort
from artifacts.departments.queries import departments
from artifacts.matching import among, contains
from artifacts.personas.models import Persona, ProfilePersona
from artifacts.profiles.models import Profile
from artifacts.simulations.models import Simulation, SimulationAvailability, SimulationPosition
from artifacts.texts.commands import DESCRIPTION, NAME
from artifacts.texts.models import Text

MOST_CHOICES = 100


class Chosen(msgspec.Struct, frozen=True, kw_only=True):
    """What a cohort has, or nothing for an empty form."""

    cohort: Cohort | None = None
    profile_ids: list[UUID] = msgspec.field(default_factory=list[UUID])

    def ids(self, field: str) -> list[UUID]:
        """The ids of a list of the cohort."""
        return [] if self.cohort is None else getattr(self.cohort, field)


async def get(session: AsyncSession, actor: Actor, wanted: GetCohort) -> CohortForm:
    """The form of a cohort, or an empty one. Raises NotFound, also for a draft that is not there."""
    if wanted.draft_id is not None:
        raise NotFound("There is no such draft.")
    chosen = await _chosen(session, actor, wanted.cohort_id)
    cohort = chosen.cohort
    reason = rules.refusal(actor, "create" if cohort is None else "edit")
    personas = await _personas(session, actor)
    return CohortForm(
        actor_name=actor.name,
        cohort_exists=cohort is not None,
        can_edit=reason is None,
        disabled_reason=reason,
        draft_version=None,
        group_id=None if cohort is None else str(cohort.id),
        names=await _names(session, actor, cohort),
        descriptions=await _descriptions(session, actor, cohort, wanted.descriptions_search or ""),
        flags=_flags(cohort),
        departments=await _departments(session, actor, chosen),
        simulations=await _simulations(session, actor, chosen, wanted),
        profiles=await _profiles(session, actor, chosen, wanted),
        simulation_positions=await _positions(session, chosen),
        simulation_availability=await _availability(session, chosen),
        profile_personas=await _profile_personas(session, chosen),
        personas=personas,
    )


async def _chosen(session: AsyncSession, actor: Actor, cohort_id: UUID | None) -> Chosen:
    if cohort_id is None:
        return Chosen()
    found: Found = await queries.one(session, queries.live(actor.organization_id).where(Cohort.id == cohort_id))
    members = await queries.members(session, [cohort_id])
    return Chosen(cohort=found.cohort, profile_ids=members.get(cohort_id, []))


async def _names(session: AsyncSession, actor: Actor, cohort: Cohort | None) -> form.CohortNameSection:
    own = cohort.name_id if cohort else None
    rows = await _texts(session, actor, NAME, own, "")
    items = [form.NameItem(id=row.id, name=row.value, selected=row.id == own) for row in rows]
    return form.CohortNameSection(resource=_selected(items), resources=items, required=True)


async def _descriptions(
    session: AsyncSession, actor: Actor, cohort: Cohort | None, search: str
) -> form.CohortDescriptionSection:
    own = cohort.description_id if cohort else None
    rows = await _texts(session, actor, DESCRIPTION, own, search)
    items = [form.DescriptionItem(id=row.id, description=row.value, selected=row.id == own) for row in rows]
    return form.CohortDescriptionSection(resource=_selected(items), resources=items)


async def _texts(session: AsyncSession, actor: Actor, kind: str, own: UUID | None, search: str) -> list[Text]:
    """The organization's texts of a kind, the chosen one first, however old it is."""
    of_kind = select(Text).where(Text.organization_id == actor.organization_id, Text.kind == kind)
    first = list(await session.scalars(of_kind.where(Text.id == own))) if own else []
    others = of_kind.where(Text.id != own) if own else of_kind
    if search:
        others = others.where(contains(Text.value, search))
    return first + list(await session.scalars(others.order_by(Text.value, Text.id).limit(MOST_CHOICES)))


def _flags(cohort: Cohort | None) -> form.CohortFlagSection:
    own = flags.option(is_active=cohort.is_active if cohort else True)
    items = [
        form.FlagItem(
            key=flags.KEY,
            label=option.name,
            description=flags.DESCRIPTION,
            icon_id=None,
            flag_option_id=option.id,
            show=True,
            required=False,
            selected=option == own,
        )
        for option in flags.OPTIONS
    ]
    return form.CohortFlagSection(resource=_selected(items), resources=items)


async def _departments(session: AsyncSession, actor: Actor, chosen: Chosen) -> form.CohortDepartmentSection:
    own = set(chosen.ids("department_ids"))
    items = [
        form.DepartmentItem(department_id=row.id, name=row.name, description="", selected=row.id in own)
        for row in await session.scalars(departments(actor.organization_id))
    ]
    return form.CohortDepartmentSection(current=_current(items), resources=items)


async def _simulations(
    session: AsyncSession, actor: Actor, chosen: Chosen, wanted: GetCohort
) -> form.CohortSimulationSection:
    own = chosen.ids("simulation_ids")
    within = [Simulation.organization_id == actor.organization_id, Simulation.deleted_at.is_(None)]
    search, only = wanted.simulation_search or "", bool(wanted.simulation_show_selected)
    current, rows = await _choices(session, Simulation, within, own, search, only_selected=only)
    return form.CohortSimulationSection(
        current=[_simulation(row, own) for row in current], resources=[_simulation(row, own) for row in rows]
    )


async def _profiles(
    session: AsyncSession, actor: Actor, chosen: Chosen, wanted: GetCohort
) -> form.CohortProfileSection:
    own = chosen.profile_ids
    within = [Profile.organization_id == actor.organization_id, Profile.removed_at.is_(None)]
    search, only = wanted.profile_search or "", bool(wanted.profile_show_selected)
    current, rows = await _choices(session, Profile, within, own, search, only_selected=only)
    return form.CohortProfileSection(
        current=[_profile(row, own) for row in current], resources=[_profile(row, own) for row in rows]
    )


async def _choices(
    session: AsyncSession,
    model: Any,
    within: Sequence[ColumnElement[bool]],
    own: Sequence[UUID],
    search: str,
    *,
    only_selected: bool,
) -> tuple[list[Any], list[Any]]:
    """What is chosen, and what can be: by name, at most `MOST_CHOICES`, searched, or only what is chosen."""
    ordered = select(model).where(*within).order_by(model.name, model.id)
    current = list(await session.scalars(ordered.where(among(model.id, own) if own else false())))
    if search:
        ordered = ordered.where(contains(model.name, search))
    if only_selected:
        ordered = ordered.where(among(model.id, own) if own else false())
    return current, list(await session.scalars(ordered.limit(MOST_CHOICES)))


def _simulation(row: Simulation, own: Sequence[UUID]) -> form.SimulationItem:
    return form.SimulationItem(simulation_id=row.id, name=row.name, description=row.description, selected=row.id in own)


def _profile(row: Profile, own: Sequence[UUID]) -> form.ProfileItem:
    return form.ProfileItem(
        profile_id=row.id, name=row.name, description=row.role, generated=row.generated, selected=row.id in own
    )


async def _positions(session: AsyncSession, chosen: Chosen) -> form.CohortSimulationPositionSection:
    own = set(chosen.ids("simulation_position_ids"))
    rows = await _of(session, SimulationPosition, SimulationPosition.simulation_id, chosen.ids("simulation_ids"))
    items = [
        form.PositionItem(id=row.id, simulation_id=row.simulation_id, value=row.value, selected=row.id in own)
        for row in rows
    ]
    return form.CohortSimulationPositionSection(current=_current(items), resources=items)


async def _availability(session: AsyncSession, chosen: Chosen) -> form.CohortSimulationAvailabilitySection:
    own = set(chosen.ids("simulation_availability_ids"))
    rows = await _of(
        session, SimulationAvailability, SimulationAvailability.simulation_id, chosen.ids("simulation_ids")
    )
    items = [
        form.AvailabilityItem(
            id=row.id, simulation_id=row.simulation_id, time=row.time, type=row.type, selected=row.id in own
        )
        for row in rows
    ]
    return form.CohortSimulationAvailabilitySection(current=_current(items), resources=items)


async def _profile_personas(session: AsyncSession, chosen: Chosen) -> form.CohortProfilePersonaSection:
    own = set(chosen.ids("profile_persona_ids"))
    rows = await _of(session, ProfilePersona, ProfilePersona.profile_id, chosen.profile_ids)
    items = [
        form.ProfilePersonaItem(id=row.id, profile_id=row.profile_id, persona_id=row.persona_id, selected=row.id in own)
        for row in rows
    ]
    return form.CohortProfilePersonaSection(current=_current(items), resources=items)


async def _of(session: AsyncSession, model: Any, owner: Any, owners: Sequence[UUID]) -> list[Any]:
    """What belongs to some simulations or profiles of the cohort."""
    if not owners:
        return []
    return list(await session.scalars(select(model).where(among(owner, owners)).order_by(model.id)))


async def _personas(session: AsyncSession, actor: Actor) -> list[form.GetPersonaResponse]:
    statement = select(Persona).where(Persona.organization_id == actor.organization_id, Persona.deleted_at.is_(None))
    rows = await session.scalars(statement.order_by(Persona.name, Persona.id).limit(MOST_CHOICES))
    return [
        form.GetPersonaResponse(
            id=row.id,
            name=row.name,
            description=row.description,
            icon=row.icon,
            color=row.color,
            department_ids=row.department_ids,
            instructions=row.instructions,
            examples=row.examples,
            active=row.is_active,
        )
        for row in rows
    ]


def _selected(items: Sequence[Any]) -> Any:
    return next((item for item in items if item.selected), None)


def _current(items: Sequence[Any]) -> list[Any]:
    return [item for item in items if item.selected]
