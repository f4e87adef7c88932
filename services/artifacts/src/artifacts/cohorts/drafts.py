"""Drafts of cohorts: the form before it is one."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import msgspec
from kernel import Conflict, Invalid, Problems
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from artifacts.actors import Actor
from artifacts.cohorts import flags, rules
from artifacts.cohorts.resolving import Resolved, Wanted, resolve
from artifacts.cohorts.resolving.items import LISTS, Present
from artifacts.drafts import commands as drafts
from artifacts.drafts.models import Draft

KIND = "cohort"
VALUES = text("""
SELECT 'text' AS kind, id, value, NULL::uuid AS one, NULL::uuid AS other, NULL::integer AS place,
       NULL::timestamptz AS moment, NULL AS type
  FROM texts WHERE organization_id = :organization_id AND id = ANY(CAST(:texts AS uuid[]))
UNION ALL
SELECT 'simulation_position_ids', id, NULL, simulation_id, NULL, value, NULL, NULL
  FROM simulation_positions WHERE organization_id = :organization_id AND id = ANY(CAST(:positions AS uuid[]))
UNION ALL
SELECT 'simulation_availability_ids', id, NULL, simulation_id, NULL, NULL, time, type
  FROM simulation_availability WHERE organization_id = :organization_id AND id = ANY(CAST(:windows AS uuid[]))
UNION ALL
SELECT 'profile_persona_ids', id, NULL, profile_id, persona_id, NULL, NULL, NULL
  FROM profile_personas WHERE organization_id = :organization_id AND id = ANY(CAST(:parts AS uuid[]))
""")


class Form(msgspec.Struct, kw_only=True):
    """What a draft holds. `pending` are the texts, positions, windows and parts that this draft had made."""

    name_id: UUID | None = None
    description_id: UUID | None = None
    is_active: bool = True
    department_ids: list[UUID] = msgspec.field(default_factory=list[UUID])
    simulation_ids: list[UUID] = msgspec.field(default_factory=list[UUID])
    profile_ids: list[UUID] = msgspec.field(default_factory=list[UUID])
    simulation_position_ids: list[UUID] = msgspec.field(default_factory=list[UUID])
    simulation_availability_ids: list[UUID] = msgspec.field(default_factory=list[UUID])
    profile_persona_ids: list[UUID] = msgspec.field(default_factory=list[UUID])
    pending: list[UUID] = msgspec.field(default_factory=list[UUID])


class Version(msgspec.Struct, frozen=True):
    """A draft after a change."""

    draft_id: UUID
    number: int
    form: Form


def form_of(draft: Draft) -> Form:
    """What a draft holds now."""
    return msgspec.convert(draft.form, Form, strict=False)


async def change(
    session: AsyncSession,
    actor: Actor,
    wanted: Wanted,
    *,
    draft_id: UUID | None,
    expected: int | None,
    mcp: bool = False,
) -> Version:
    """Change a draft of the actor's, or begin one. What is given by value is made at once.

    Raises Forbidden, NotFound, Problems with everything that is wrong, and Conflict, which tells the present version
    and form, where `expected` is another version.
    """
    rules.demand(actor, "create")
    if draft_id is None:
        draft = await drafts.begun(session, actor, KIND, mcp=mcp)
    else:
        draft = await drafts.locked(session, actor, KIND, draft_id)
    form = form_of(draft)
    if expected is not None and expected != draft.version:
        raise Conflict(
            f"The draft is at version {draft.version}, not {expected}.",
            code="draft-moved-on",
            meta={"current_version": draft.version, "form_state": await state(session, actor, form)},
        )
    start = msgspec.to_builtins(form, builtin_types=(UUID,)) | {"needs_name": False}
    start.pop("pending")
    (item,) = await resolve(session, actor.organization_id, [wanted], [Present(**start)])
    if item.problems:
        raise Problems([Invalid(problem.message, pointer=f"/{problem.field}") for problem in item.problems])
    changed = _form(item, form)
    number = await drafts.keep(session, draft, msgspec.to_builtins(changed))
    return Version(draft.id, number, changed)


async def state(session: AsyncSession, actor: Actor, form: Form) -> dict[str, Any]:
    """A form with the values behind its ids."""
    values = {
        "organization_id": actor.organization_id,
        "texts": [one for one in (form.name_id, form.description_id) if one],
        "positions": form.simulation_position_ids,
        "windows": form.simulation_availability_ids,
        "parts": form.profile_persona_ids,
    }
    texts: dict[UUID, str] = {}
    found: dict[str, dict[UUID, dict[str, Any]]] = {name: {} for name in OWNED}
    for row in await session.execute(VALUES, values):
        if row.kind == "text":
            texts[row.id] = row.value
        else:
            found[row.kind][row.id] = OWNED[row.kind](row)
    lists = {name: getattr(form, name) for name in (*LISTS, "profile_ids")}
    owned = {FIELDS[name]: [rows[one] for one in getattr(form, name) if one in rows] for name, rows in found.items()}
    return {
        "name_id": form.name_id,
        "name": texts.get(form.name_id) if form.name_id else None,
        "description_id": form.description_id,
        "description": texts.get(form.description_id) if form.description_id else None,
        "flag_id": flags.option(is_active=form.is_active).id,
        "active_flag": form.is_active,
        **lists,
        **owned,
    }


OWNED: dict[str, Callable[[Any], dict[str, Any]]] = {
    "simulation_position_ids": lambda row: {"simulation_id": row.one, "value": row.place},
    "simulation_availability_ids": lambda row: {"simulation_id": row.one, "time": row.moment, "type": row.type},
    "profile_persona_ids": lambda row: {"profile_id": row.one, "persona_id": row.other},
}
FIELDS = {
    "simulation_position_ids": "simulation_positions",
    "simulation_availability_ids": "simulation_availability",
    "profile_persona_ids": "profile_personas",
}


def _form(item: Resolved, before: Form) -> Form:
    lists = {name: getattr(item, name) for name in LISTS}
    chosen = {item.name_id, item.description_id, *(one for ids in lists.values() for one in ids)}
    return Form(
        name_id=item.name_id,
        description_id=item.description_id,
        is_active=item.is_active,
        profile_ids=item.profile_ids or [],
        pending=[one for one in dict.fromkeys([*before.pending, *item.made]) if one in chosen],
        **lists,
    )
