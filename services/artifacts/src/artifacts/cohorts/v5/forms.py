"""A cohort as a form of the v5 dialect."""

from collections.abc import Container, Iterable, Sequence
from typing import Any
from uuid import UUID

import msgspec
from database import Rows
from sqlalchemy.ext.asyncio import AsyncSession

from artifacts.actors import Actor
from artifacts.cohorts import flags, rules
from artifacts.cohorts.drafts import KIND, Form, form_of
from artifacts.cohorts.v5 import choices
from artifacts.cohorts.v5 import form_schemas as form
from artifacts.cohorts.v5.form_schemas import CohortForm, GetCohort
from artifacts.drafts import commands as drafts
from artifacts.drafts.models import Draft
from artifacts.v5.schemas import FieldError


class Chosen(msgspec.Struct, frozen=True, kw_only=True):
    """What a cohort or a draft has, or nothing for an empty form."""

    cohort_id: UUID | None = None
    draft: Draft | None = None
    form: Form = msgspec.field(default_factory=Form)


async def get(session: AsyncSession, rows: Rows, actor: Actor, wanted: GetCohort) -> CohortForm:
    """The form of a cohort, of a draft, or an empty one. A draft's choices go before the cohort's. Raises NotFound."""
    chosen = await _chosen(session, rows, actor, wanted)
    organization_id, exists = actor.organization_id, chosen.cohort_id is not None
    reason = rules.refusal(actor, "edit" if exists else "create")
    names, descriptions = await choices.texts(rows, organization_id, chosen.form, wanted.descriptions_search or "")
    owned = await choices.owned(rows, chosen.form)
    return CohortForm(
        actor_name=actor.name,
        cohort_exists=exists,
        can_edit=reason is None,
        disabled_reason=reason,
        draft_version=chosen.draft.version if chosen.draft else None,
        group_id=str(chosen.cohort_id) if exists else None,
        names=_names(chosen, names),
        descriptions=_descriptions(chosen, descriptions),
        flags=_flags(chosen),
        departments=_departments(chosen, await choices.departments(rows, organization_id)),
        simulations=await _simulations(rows, actor, chosen, wanted),
        profiles=await _profiles(rows, actor, chosen, wanted),
        simulation_positions=_positions(chosen, owned["position"]),
        simulation_availability=_availability(chosen, owned["window"]),
        profile_personas=_profile_personas(chosen, owned["part"]),
        personas=[form.GetPersonaResponse(*row) for row in await choices.personas(rows, organization_id)],
    )


async def _chosen(session: AsyncSession, rows: Rows, actor: Actor, wanted: GetCohort) -> Chosen:
    own = Form()
    if wanted.cohort_id is not None:
        own = await choices.cohort(rows, actor.organization_id, wanted.cohort_id)
    if wanted.draft_id is not None:
        draft = await drafts.one(session, actor, KIND, wanted.draft_id)
        return Chosen(cohort_id=wanted.cohort_id, draft=draft, form=form_of(draft))
    return Chosen(cohort_id=wanted.cohort_id, form=own)


def _names(chosen: Chosen, rows: Sequence[Any]) -> form.CohortNameSection:
    own = chosen.form.name_id
    made = chosen.form.pending
    items = [form.NameItem(one, name, selected=one == own, pending=one in made) for _, one, name, _ in rows]
    errors = [FieldError("name", "A cohort needs a name.")] if chosen.draft and own is None else []
    return form.CohortNameSection(resource=_selected(items), resources=items, required=True, errors=errors)


def _descriptions(chosen: Chosen, rows: Sequence[Any]) -> form.CohortDescriptionSection:
    own, made = chosen.form.description_id, chosen.form.pending
    items = [form.DescriptionItem(one, value, selected=one == own, pending=one in made) for _, one, value, _ in rows]
    return form.CohortDescriptionSection(resource=_selected(items), resources=items)


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


def _departments(chosen: Chosen, rows: Sequence[Any]) -> form.CohortDepartmentSection:
    own = set(chosen.form.department_ids)
    items = [form.DepartmentItem(one, name, "", selected=one in own) for one, name in rows]
    errors = _lost("department_ids", own, {item.department_id for item in items})
    return form.CohortDepartmentSection(current=_current(items), resources=items, errors=errors)


async def _simulations(rows: Rows, actor: Actor, chosen: Chosen, wanted: GetCohort) -> form.CohortSimulationSection:
    own = chosen.form.simulation_ids
    search, only = wanted.simulation_search or "", bool(wanted.simulation_show_selected)
    current, offered = await choices.named(rows, choices.SIMULATIONS, actor.organization_id, own, search, only_own=only)
    among = set(own)
    shown = [form.SimulationItem(*row[1:], selected=True) for row in current]
    items = [form.SimulationItem(one, name, text, selected=one in among) for _, one, name, text in offered]
    errors = _lost("simulation_ids", own, {item.simulation_id for item in shown})
    return form.CohortSimulationSection(current=shown, resources=items, errors=errors)


async def _profiles(rows: Rows, actor: Actor, chosen: Chosen, wanted: GetCohort) -> form.CohortProfileSection:
    own = chosen.form.profile_ids
    search, only = wanted.profile_search or "", bool(wanted.profile_show_selected)
    current, offered = await choices.named(rows, choices.PROFILES, actor.organization_id, own, search, only_own=only)
    among = set(own)
    shown = [form.ProfileItem(*row[1:], selected=True) for row in current]
    items = [form.ProfileItem(one, name, role, selected=one in among) for _, one, name, role in offered]
    errors = _lost("profile_ids", own, {item.profile_id for item in shown})
    return form.CohortProfileSection(current=shown, resources=items, errors=errors)


def _positions(chosen: Chosen, rows: Sequence[Any]) -> form.CohortSimulationPositionSection:
    own, made = set(chosen.form.simulation_position_ids), chosen.form.pending
    items = [
        form.PositionItem(row.id, row.owner, row.value, selected=row.id in own, pending=row.id in made) for row in rows
    ]
    return form.CohortSimulationPositionSection(current=_current(items), resources=items)


def _availability(chosen: Chosen, rows: Sequence[Any]) -> form.CohortSimulationAvailabilitySection:
    own, made = set(chosen.form.simulation_availability_ids), chosen.form.pending
    items = [
        form.AvailabilityItem(row.id, row.owner, row.time, row.type, selected=row.id in own, pending=row.id in made)
        for row in rows
    ]
    return form.CohortSimulationAvailabilitySection(current=_current(items), resources=items)


def _profile_personas(chosen: Chosen, rows: Sequence[Any]) -> form.CohortProfilePersonaSection:
    own, made = set(chosen.form.profile_persona_ids), chosen.form.pending
    items = [
        form.ProfilePersonaItem(row.id, row.owner, row.persona_id, selected=row.id in own, pending=row.id in made)
        for row in rows
    ]
    return form.CohortProfilePersonaSection(current=_current(items), resources=items)


def _lost(field: str, own: Iterable[UUID], there: Container[UUID]) -> list[FieldError]:
    """A line for each choice that is no longer there."""
    return [FieldError(field, f"{one} is no longer there.") for one in own if one not in there]


def _selected(items: Sequence[Any]) -> Any:
    return next((item for item in items if item.selected), None)


def _current(items: Sequence[Any]) -> list[Any]:
    return [item for item in items if item.selected]
