"""A cohort as a form of the v5 dialect."""

from collections.abc import Container, Iterable, Sequence
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import ColumnElement, false, select
from sqlalchemy.ext.asyncio import AsyncSession

from artifacts.actors import Actor
from artifacts.cohorts import flags, queries, rules
from artifacts.cohorts.drafts import KIND, Form, form_of
from artifacts.cohorts.models import Cohort
from artifacts.cohorts.resolving.items import LISTS
from artifacts.cohorts.v5 import form_schemas as form
from artifacts.cohorts.v5.form_schemas import CohortForm, GetCohort
from artifacts.departments.queries import departments
from artifacts.drafts import commands as drafts
from artifacts.drafts.models import Draft
from artifacts.matching import among, contains
from artifacts.personas.models import Persona, ProfilePersona
from artifacts.profiles.models import Profile
from artifacts.simulations.models import Simulation, SimulationAvailability, SimulationPosition
from artifacts.texts.commands import DESCRIPTION, NAME
from artifacts.texts.models import Text
from artifacts.v5.schemas import FieldError

MOST_CHOICES = 100


class Chosen(msgspec.Struct, frozen=True, kw_only=True):
    """What a cohort or a draft has, or nothing for an empty form."""

    cohort: Cohort | None = None
    draft: Draft | None = None
    form: Form = msgspec.field(default_factory=Form)

    def marks(self, identifier: UUID, own: Container[UUID | None]) -> dict[str, bool]:
        """Whether it is chosen, and whether the draft had it made."""
        return {"selected": identifier in own, "pending": identifier in self.form.pending}


async def get(session: AsyncSession, actor: Actor, wanted: GetCohort) -> CohortForm:
    """The form of a cohort, of a draft, or an empty one. A draft's choices go before the cohort's. Raises NotFound."""
    chosen = await _chosen(session, actor, wanted)
    cohort = chosen.cohort
    reason = rules.refusal(actor, "create" if cohort is None else "edit")
    return CohortForm(
        actor_name=actor.name,
        cohort_exists=cohort is not None,
        can_edit=reason is None,
        disabled_reason=reason,
        draft_version=chosen.draft.version if chosen.draft else None,
        group_id=None if cohort is None else str(cohort.id),
        names=await _names(session, actor, chosen),
        descriptions=await _descriptions(session, actor, chosen, wanted.descriptions_search or ""),
        flags=_flags(chosen),
        departments=await _departments(session, actor, chosen),
        simulations=await _simulations(session, actor, chosen, wanted),
        profiles=await _profiles(session, actor, chosen, wanted),
        simulation_positions=await _positions(session, chosen),
        simulation_availability=await _availability(session, chosen),
        profile_personas=await _profile_personas(session, chosen),
        personas=await _personas(session, actor),
    )


async def _chosen(session: AsyncSession, actor: Actor, wanted: GetCohort) -> Chosen:
    cohort = draft = None
    if wanted.cohort_id is not None:
        found = await queries.one(session, queries.live(actor.organization_id).where(Cohort.id == wanted.cohort_id))
        cohort = found.cohort
    if wanted.draft_id is not None:
        draft = await drafts.one(session, actor, KIND, wanted.draft_id)
        return Chosen(cohort=cohort, draft=draft, form=form_of(draft))
    if cohort is None:
        return Chosen()
    fields: dict[str, Any] = {
        name: getattr(cohort, name) for name in ("name_id", "description_id", "is_active", *LISTS)
    }
    members = await queries.members(session, [cohort.id])
    return Chosen(cohort=cohort, form=Form(**fields, profile_ids=members.get(cohort.id, [])))


async def _names(session: AsyncSession, actor: Actor, chosen: Chosen) -> form.CohortNameSection:
    own = chosen.form.name_id
    rows = await _texts(session, actor, NAME, own, "")
    items = [form.NameItem(id=row.id, name=row.value, **chosen.marks(row.id, (own,))) for row in rows]
    errors = [FieldError("name", "A cohort needs a name.")] if chosen.draft and own is None else []
    return form.CohortNameSection(resource=_selected(items), resources=items, required=True, errors=errors)


async def _descriptions(
    session: AsyncSession, actor: Actor, chosen: Chosen, search: str
) -> form.CohortDescriptionSection:
    own = chosen.form.description_id
    rows = await _texts(session, actor, DESCRIPTION, own, search)
    items = [form.DescriptionItem(id=row.id, description=row.value, **chosen.marks(row.id, (own,))) for row in rows]
    return form.CohortDescriptionSection(resource=_selected(items), resources=items)


async def _texts(session: AsyncSession, actor: Actor, kind: str, own: UUID | None, search: str) -> list[Text]:
    """The organization's texts of a kind, the chosen one first, however old it is."""
    of_kind = select(Text).where(Text.organization_id == actor.organization_id, Text.kind == kind)
    first = list(await session.scalars(of_kind.where(Text.id == own))) if own else []
    others = of_kind.where(Text.id != own) if own else of_kind
    if search:
        others = others.where(contains(Text.value, search))
    return first + list(await session.scalars(others.order_by(Text.value, Text.id).limit(MOST_CHOICES)))


def _flags(chosen: Chosen) -> form.CohortFlagSection:
    own = flags.option(is_active=chosen.form.is_active)
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
    own = set(chosen.form.department_ids)
    items = [
        form.DepartmentItem(department_id=row.id, name=row.name, description="", selected=row.id in own)
        for row in await session.scalars(departments(actor.organization_id))
    ]
    errors = _lost("department_ids", own, items, "department_id")
    return form.CohortDepartmentSection(current=_current(items), resources=items, errors=errors)


async def _simulations(
    session: AsyncSession, actor: Actor, chosen: Chosen, wanted: GetCohort
) -> form.CohortSimulationSection:
    own = chosen.form.simulation_ids
    within = [Simulation.organization_id == actor.organization_id, Simulation.deleted_at.is_(None)]
    search, only = wanted.simulation_search or "", bool(wanted.simulation_show_selected)
    current, rows = await _choices(session, Simulation, within, own, search, only_selected=only)
    items = [_simulation(row, own) for row in current]
    return form.CohortSimulationSection(
        current=items,
        resources=[_simulation(row, own) for row in rows],
        errors=_lost("simulation_ids", own, items, "simulation_id"),
    )


async def _profiles(
    session: AsyncSession, actor: Actor, chosen: Chosen, wanted: GetCohort
) -> form.CohortProfileSection:
    own = chosen.form.profile_ids
    within = [Profile.organization_id == actor.organization_id, Profile.removed_at.is_(None)]
    search, only = wanted.profile_search or "", bool(wanted.profile_show_selected)
    current, rows = await _choices(session, Profile, within, own, search, only_selected=only)
    items = [_profile(row, own) for row in current]
    return form.CohortProfileSection(
        current=items,
        resources=[_profile(row, own) for row in rows],
        errors=_lost("profile_ids", own, items, "profile_id"),
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
    own = set(chosen.form.simulation_position_ids)
    rows = await _of(session, SimulationPosition, SimulationPosition.simulation_id, chosen.form.simulation_ids)
    items = [
        form.PositionItem(id=row.id, simulation_id=row.simulation_id, value=row.value, **chosen.marks(row.id, own))
        for row in rows
    ]
    return form.CohortSimulationPositionSection(current=_current(items), resources=items)


async def _availability(session: AsyncSession, chosen: Chosen) -> form.CohortSimulationAvailabilitySection:
    own = set(chosen.form.simulation_availability_ids)
    owner = SimulationAvailability.simulation_id
    rows = await _of(session, SimulationAvailability, owner, chosen.form.simulation_ids)
    items = [
        form.AvailabilityItem(
            id=row.id, simulation_id=row.simulation_id, time=row.time, type=row.type, **chosen.marks(row.id, own)
        )
        for row in rows
    ]
    return form.CohortSimulationAvailabilitySection(current=_current(items), resources=items)


async def _profile_personas(session: AsyncSession, chosen: Chosen) -> form.CohortProfilePersonaSection:
    own = set(chosen.form.profile_persona_ids)
    rows = await _of(session, ProfilePersona, ProfilePersona.profile_id, chosen.form.profile_ids)
    items = [
        form.ProfilePersonaItem(
            id=row.id, profile_id=row.profile_id, persona_id=row.persona_id, **chosen.marks(row.id, own)
        )
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


def _lost(field: str, own: Iterable[UUID], items: Sequence[Any], key: str) -> list[FieldError]:
    """A line for each choice that is no longer there."""
    there = {getattr(item, key) for item in items}
    return [FieldError(field, f"{one} is no longer there.") for one in own if one not in there]


def _selected(items: Sequence[Any]) -> Any:
    return next((item for item in items if item.selected), None)


def _current(items: Sequence[Any]) -> list[Any]:
    return [item for item in items if item.selected]
