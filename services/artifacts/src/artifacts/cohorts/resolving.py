"""Turning what a client names, by id or by value, into ids; every problem of every item is found at once.

A name, description or simulation that is not there is made. Departments and profiles come from elsewhere and are only
found. A value that two records have is a problem of the item: only an id tells them apart.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

import msgspec
from kernel import uuid7
from sqlalchemy import Select, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from artifacts.cohorts import flags
from artifacts.cohorts.models import Cohort
from artifacts.departments.models import Group
from artifacts.departments.queries import is_department
from artifacts.matching import among
from artifacts.organizations.commands import hold
from artifacts.personas.models import ProfilePersona
from artifacts.profiles.models import Profile
from artifacts.simulations.models import Simulation, SimulationAvailability, SimulationPosition
from artifacts.texts.commands import DESCRIPTION, NAME, found_or_made
from artifacts.texts.models import Text


class Problem(msgspec.Struct, frozen=True):
    """What is wrong with a field of an item."""

    field: str
    message: str


class Wanted(msgspec.Struct, kw_only=True):
    """A cohort as a client describes it. Lists name things by id, or by value where the field says so."""

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


class Resolved(msgspec.Struct, kw_only=True):
    """A cohort in ids, or what is wrong with it."""

    wanted: Wanted
    problems: list[Problem] = msgspec.field(default_factory=list[Problem])
    department_ids: list[UUID] = msgspec.field(default_factory=list[UUID])
    simulation_ids: list[UUID] = msgspec.field(default_factory=list[UUID])
    profile_ids: list[UUID] = msgspec.field(default_factory=list[UUID])
    simulation_position_ids: list[UUID] = msgspec.field(default_factory=list[UUID])
    simulation_availability_ids: list[UUID] = msgspec.field(default_factory=list[UUID])
    profile_persona_ids: list[UUID] = msgspec.field(default_factory=list[UUID])
    name_id: UUID | None = None
    description_id: UUID | None = None


class Known(msgspec.Struct):
    """What the organization has of one kind: ids (with what they belong to) and ids by value."""

    ids: dict[UUID, UUID | None]
    names: dict[str, list[UUID]]


async def resolve(session: AsyncSession, organization_id: UUID, wanted: Sequence[Wanted]) -> list[Resolved]:
    """Every item in ids or with its problems. What is missing and can be made is made for items without problems."""
    if any(one.simulations for one in wanted):
        await hold(session, organization_id)  # two requests that name the same new simulation make one
    known = await _known(session, organization_id, wanted)
    taken = await _taken(session, wanted)
    items = [_item(one, known, taken) for one in wanted]
    sound = [item for item in items if not item.problems]
    await _make_simulations(session, organization_id, sound, known["simulations"])
    await _make_texts(session, organization_id, sound)
    return items


async def _known(session: AsyncSession, organization_id: UUID, wanted: Sequence[Wanted]) -> dict[str, Known]:
    departments = select(Group.id, Group.name, Group.parent_id).where(is_department(organization_id))
    simulations = select(Simulation.id, Simulation.name, Simulation.id).where(
        Simulation.organization_id == organization_id, Simulation.deleted_at.is_(None)
    )
    profiles = select(Profile.id, Profile.name, Profile.id).where(
        Profile.organization_id == organization_id, Profile.removed_at.is_(None)
    )
    texts = select(Text.id, Text.kind, Text.id).where(Text.organization_id == organization_id)
    found = {
        "departments": await _find(session, departments, Group, wanted, "department_ids", "departments"),
        "simulations": await _find(session, simulations, Simulation, wanted, "simulation_ids", "simulations"),
        "profiles": await _find(session, profiles, Profile, wanted, "profile_ids", "profiles"),
        "texts": await _by_id(session, texts, Text, [i for one in wanted for i in _texts(one)]),
    }
    for field, model, owner in OWNED:
        statement = select(model.id, model.organization_id, getattr(model, owner))
        statement = statement.where(model.organization_id == organization_id)
        found[field] = await _by_id(session, statement, model, [i for one in wanted for i in getattr(one, field) or ()])
    return found


OWNED: tuple[tuple[str, Any, str], ...] = (
    ("simulation_position_ids", SimulationPosition, "simulation_id"),
    ("simulation_availability_ids", SimulationAvailability, "simulation_id"),
    ("profile_persona_ids", ProfilePersona, "profile_id"),
)
"""Choices that belong to one of the item's simulations or profiles."""


def _texts(one: Wanted) -> list[UUID]:
    return [identifier for identifier in (one.name_id, one.description_id) if identifier is not None]


async def _find(
    session: AsyncSession,
    statement: Select[Any, Any, Any],
    model: Any,
    wanted: Sequence[Wanted],
    by_id: str,
    by_name: str,
) -> Known:
    ids = [identifier for one in wanted for identifier in getattr(one, by_id) or ()]
    names = {name for one in wanted for name in getattr(one, by_name) or ()}
    known = await _by_id(session, statement, model, ids)
    if names:
        for identifier, name, _ in await session.execute(statement.where(among(model.name, names))):
            known.names[name].append(identifier)
    return known


async def _by_id(session: AsyncSession, statement: Select[Any, Any, Any], model: Any, ids: Iterable[UUID]) -> Known:
    chosen = list(set(ids))
    rows = (await session.execute(statement.where(among(model.id, chosen)))).all() if chosen else ()
    return Known({row[0]: row[2] for row in rows}, defaultdict(list))


async def _taken(session: AsyncSession, wanted: Sequence[Wanted]) -> set[UUID]:
    chosen = [one.id for one in wanted if one.id is not None]
    taken = set(await session.scalars(select(Cohort.id).where(among(Cohort.id, chosen)))) if chosen else set[UUID]()
    return taken | {identifier for identifier in chosen if chosen.count(identifier) > 1}


def _item(one: Wanted, known: dict[str, Known], taken: set[UUID]) -> Resolved:
    item = Resolved(wanted=one)
    _check_texts(item, known["texts"])
    if one.id in taken:
        item.problems.append(Problem("id", "The id is taken."))
    if one.flag_id is not None and one.flag_id not in flags.BY_ID:
        item.problems.append(Problem("flag_id", f"There is no flag {one.flag_id}."))
    item.department_ids = _chosen(item, known["departments"], "department_ids", "departments")
    item.simulation_ids = _chosen(item, known["simulations"], "simulation_ids", "simulations", makes=True)
    item.profile_ids = _chosen(item, known["profiles"], "profile_ids", "profiles")
    for field, _, owner in OWNED:
        owners = item.simulation_ids if owner == "simulation_id" else item.profile_ids
        setattr(item, field, _owned(item, known[field], field, set(owners)))
    return item


def _check_texts(item: Resolved, texts: Known) -> None:
    one = item.wanted
    if one.name_id is None and not (one.name or "").strip():
        item.problems.append(Problem("name", "Give a name or a name_id."))
    for field, identifier in (("name_id", one.name_id), ("description_id", one.description_id)):
        if identifier is not None and identifier not in texts.ids:
            item.problems.append(Problem(field, f"There is no text {identifier}."))


def _chosen(item: Resolved, known: Known, by_id: str, by_name: str, *, makes: bool = False) -> list[UUID]:
    """The ids that an item chooses, in its order and once each; unknown ones become problems."""
    chosen: dict[UUID, None] = {}
    for identifier in getattr(item.wanted, by_id) or ():
        if identifier in known.ids:
            chosen[identifier] = None
        else:
            item.problems.append(Problem(by_id, f"There is none with the id {identifier}."))
    for name in getattr(item.wanted, by_name) or ():
        found = known.names.get(name, [])
        if len(found) > 1:
            item.problems.append(Problem(by_name, f"{len(found)} are named {name!r}; give the id."))
        elif found:
            chosen[found[0]] = None
        elif not makes or not name.strip():
            item.problems.append(Problem(by_name, f"There is none named {name!r}."))
    return list(chosen)


def _owned(item: Resolved, known: Known, field: str, owners: set[UUID]) -> list[UUID]:
    chosen: dict[UUID, None] = {}
    for identifier in getattr(item.wanted, field) or ():
        if identifier not in known.ids:
            item.problems.append(Problem(field, f"There is none with the id {identifier}."))
        elif known.ids[identifier] not in owners:
            item.problems.append(Problem(field, f"{identifier} belongs to something that the cohort does not have."))
        else:
            chosen[identifier] = None
    return list(chosen)


async def _make_simulations(
    session: AsyncSession, organization_id: UUID, items: Sequence[Resolved], known: Known
) -> None:
    """Simulations that were named and are not there, one for each name."""
    named = [(item, name) for item in items for name in item.wanted.simulations or () if name not in known.names]
    made = {name: uuid7() for name in dict.fromkeys(name for _, name in named)}
    if made:
        rows = [{"id": made[name], "organization_id": organization_id, "name": name} for name in made]
        await session.execute(insert(Simulation), rows)
    for item, name in named:
        if made[name] not in item.simulation_ids:
            item.simulation_ids.append(made[name])


async def _make_texts(session: AsyncSession, organization_id: UUID, items: Sequence[Resolved]) -> None:
    wanted = [(NAME, (item.wanted.name or "").strip()) for item in items if item.wanted.name_id is None]
    wanted += [
        (DESCRIPTION, item.wanted.description)
        for item in items
        if item.wanted.description_id is None and item.wanted.description
    ]
    made = await found_or_made(session, organization_id, wanted)
    for item in items:
        one = item.wanted
        item.name_id = one.name_id or made[NAME, (one.name or "").strip()]
        item.description_id = one.description_id or made.get((DESCRIPTION, one.description or ""))
