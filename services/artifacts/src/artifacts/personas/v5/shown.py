"""Personas as the v5 dialect shows them, and its items as the core takes them."""

from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from artifacts.actors import Actor
from artifacts.library import queries, rules
from artifacts.library.kinds import Item
from artifacts.library.queries import Filters
from artifacts.library.v5 import section, told
from artifacts.outcomes import Outcome
from artifacts.personas.kind import PERSONA
from artifacts.personas.models import Persona
from artifacts.personas.v5.schemas import (
    CreatePersonaItem,
    ListPersonaApiPersona,
    PersonaList,
    PersonaResultItem,
    SearchPersonas,
    UpdatePersonaItem,
)
from artifacts.v5.paging import page

NEW: dict[str, Any] = {"description": "", "instructions": "", "examples": [], "is_active": True}


async def search(session: AsyncSession, actor: Actor, wanted: SearchPersonas) -> PersonaList:
    """A page of personas by name, with the filter."""
    filters = Filters(
        organization_id=actor.organization_id,
        search=wanted.search or "",
        department_ids=wanted.filter_department_ids,
    )
    found = await queries.page(session, PERSONA, filters, page(wanted.page_size, wanted.page_offset))
    used = await queries.uses(session, PERSONA, actor.organization_id, [row.id for row in found.rows])
    options = await queries.departments(session, PERSONA, filters, wanted.department_search or "")
    return PersonaList(
        actor_name=actor.name,
        user_role=actor.role,
        personas=[_shown(actor, row, used) for row in found.rows],
        department_filter=section(options, filters, wanted.department_search or ""),
        total_count=found.total,
    )


async def get(session: AsyncSession, actor: Actor, persona_id: UUID) -> ListPersonaApiPersona:
    """A persona. Raises NotFound."""
    row: Persona = await queries.one(session, PERSONA, actor.organization_id, persona_id)
    return _shown(actor, row, await queries.uses(session, PERSONA, actor.organization_id, [row.id]))


def wanted(item: CreatePersonaItem | UpdatePersonaItem) -> Item:
    """An item as the core takes it."""
    new = isinstance(item, CreatePersonaItem)
    values: dict[str, Any] = {name: getattr(item, name, None) for name in PERSONA.columns} | {"is_active": item.active}
    if new:
        values = {name: NEW.get(name) if value is None else value for name, value in values.items()}
    return Item(
        id=item.id if isinstance(item, CreatePersonaItem) else item.persona_id,
        values=values,
        department_ids=item.department_ids,
        departments=item.departments,
    )


def result(outcome: Outcome, done: str) -> PersonaResultItem:
    """What became of an item."""
    success, message, errors = told(outcome, "persona", done)
    return PersonaResultItem(success=success, persona_id=outcome.id, message=message, errors=errors)


def _shown(actor: Actor, row: Persona, used: dict[UUID, int]) -> ListPersonaApiPersona:
    uses = used.get(row.id, 0)
    reason = rules.refusal(actor, "delete", uses=uses)
    return ListPersonaApiPersona(
        persona_id=row.id,
        name=row.name,
        description=row.description,
        icon=row.icon,
        color=row.color,
        department_ids=row.department_ids,
        instructions=row.instructions,
        examples=row.examples,
        active=row.is_active,
        generated=row.generated,
        mcp=row.mcp,
        usage_count=uses,
        can_edit=rules.refusal(actor, "edit") is None,
        can_delete=reason is None,
        disabled_reason=reason,
        updated_at=row.updated_at,
    )
