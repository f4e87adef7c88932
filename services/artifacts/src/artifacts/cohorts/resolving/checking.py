"""Holding what an item asks for against what is there."""

from collections import Counter
from collections.abc import Callable, Sequence
from uuid import UUID

from artifacts.cohorts import flags
from artifacts.cohorts.resolving.items import Present, Resolved, Wanted
from artifacts.cohorts.resolving.lookup import Known, Surroundings

DYNAMIC = "The cohort's members follow its filter."


def checked(wanted: Sequence[Wanted], presents: Sequence[Present | None], found: Surroundings) -> list[Resolved]:
    """Every item in ids, or with all of its problems."""
    twice = {identifier for identifier, times in Counter(one.id for one in wanted).items() if identifier and times > 1}
    return [_item(one, before, found, twice) for one, before in zip(wanted, presents, strict=True)]


def _item(one: Wanted, before: Present | None, found: Surroundings, twice: set[UUID]) -> Resolved:
    start, kinds = before or Present(), found.kinds
    item = Resolved(wanted=one, is_active=_is_active(one, start))
    if one.id in twice:
        item.refuse("id" if before is None else "cohort_id", "The id is named twice.")
    elif before is None and one.id in kinds["taken"].ids:
        item.refuse("id", "The id is taken.")
    if one.flag_id is not None and one.flag_id not in flags.BY_ID:
        item.refuse("flag_id", f"There is no flag {one.flag_id}.")
    _name(item, start, kinds["name"], is_new=before is None)
    _describe(item, start, kinds["description"])
    item.department_ids = _chosen(item, kinds["department"], "department_ids", "departments", start.department_ids)
    item.simulation_ids = _chosen(item, kinds["simulation"], "simulation_ids", "simulations", start.simulation_ids)
    if one.profile_ids is not None or one.profiles is not None:
        item.profile_ids = _chosen(item, kinds["profile"], "profile_ids", "profiles", [])
        if not start.is_static:
            item.refuse("profile_ids" if one.profile_ids is not None else "profiles", DYNAMIC)
    else:
        item.profile_ids = start.profile_ids if before else []
    _owned(item, start, found)
    return item


def _is_active(one: Wanted, start: Present) -> bool:
    if one.flag_id is not None and one.flag_id in flags.BY_ID:
        return flags.BY_ID[one.flag_id].value
    return start.is_active if one.is_active is None else one.is_active


def _name(item: Resolved, start: Present, known: Known, *, is_new: bool) -> None:
    one = item.wanted
    item.name_id = start.name_id
    if one.name_id is not None:
        item.name_id = one.name_id
        if one.name_id not in known.ids:
            item.refuse("name_id", f"There is no name {one.name_id}.")
    elif one.name is not None and one.name.strip():
        item.name_id = next(iter(known.names.get(one.name.strip(), ())), None)
    elif start.needs_name and (is_new or one.name is not None):
        item.refuse("name", "Give a name or a name_id.")
    elif one.name is not None:
        item.name_id = None


def _describe(item: Resolved, start: Present, known: Known) -> None:
    one = item.wanted
    item.description_id = start.description_id
    if one.description_id is not None:
        item.description_id = one.description_id
        if one.description_id not in known.ids:
            item.refuse("description_id", f"There is no description {one.description_id}.")
    elif one.description is not None:
        item.description_id = next(iter(known.names.get(one.description, ())), None) if one.description else None


def _chosen(item: Resolved, known: Known, by_id: str, by_name: str, before: list[UUID]) -> list[UUID]:
    """The ids that an item chooses, in its order and once each; unknown ones become problems."""
    ids, names = getattr(item.wanted, by_id), getattr(item.wanted, by_name)
    if ids is None and names is None:
        return before
    chosen: dict[UUID, None] = {}
    for identifier in ids or ():
        if identifier in known.ids:
            chosen[identifier] = None
        else:
            item.refuse(by_id, f"There is none with the id {identifier}.")
    for name in names or ():
        found = known.names.get(name, [])
        if len(found) > 1:
            item.refuse(by_name, f"{len(found)} are named {name!r}; give the id.")
        elif found:
            chosen[found[0]] = None
        elif by_name == "simulations" and name.strip():
            item.new_simulations.append(name)
        else:
            item.refuse(by_name, f"There is none named {name!r}.")
    return list(chosen)


def _owned(item: Resolved, start: Present, found: Surroundings) -> None:
    """Positions and windows of the item's simulations, parts of its profiles; those of others are left behind."""
    simulations, kinds = set(item.simulation_ids), found.kinds

    def has_profile(profile_id: UUID | None) -> bool:
        if item.profile_ids is not None:
            return profile_id in item.profile_ids
        return start.id is not None and profile_id is not None and (start.id, profile_id) in found.members

    rules: tuple[tuple[str, str, str, Callable[[UUID | None], bool]], ...] = (
        ("simulation_position_ids", "simulation_positions", "simulation_position", simulations.__contains__),
        ("simulation_availability_ids", "simulation_availability", "simulation_availability", simulations.__contains__),
        ("profile_persona_ids", "profile_personas", "profile_persona", has_profile),
    )
    for field, values, kind, belongs in rules:
        given, known = getattr(item.wanted, field), kinds[kind].ids
        if given is None and getattr(item.wanted, values) is None:
            setattr(item, field, [one for one in getattr(start, field) if one in known and belongs(known[one])])
        else:
            setattr(item, field, _belonging(item, field, given or (), known, belongs))
    _values(item, kinds["persona"], simulations, has_profile)


def _belonging(
    item: Resolved,
    field: str,
    given: Sequence[UUID],
    known: dict[UUID, UUID | None],
    belongs: Callable[[UUID | None], bool],
) -> list[UUID]:
    chosen: dict[UUID, None] = {}
    for identifier in given:
        if identifier not in known:
            item.refuse(field, f"There is none with the id {identifier}.")
        elif not belongs(known[identifier]):
            item.refuse(field, f"{identifier} belongs to something that the cohort does not have.")
        else:
            chosen[identifier] = None
    return list(chosen)


def _values(
    item: Resolved, personas: Known, simulations: set[UUID], has_profile: Callable[[UUID | None], bool]
) -> None:
    one = item.wanted
    for simulation_id, _ in one.simulation_positions or ():
        if simulation_id not in simulations:
            item.refuse("simulation_positions", f"The simulation {simulation_id} is not chosen.")
    for simulation_id, _, _ in one.simulation_availability or ():
        if simulation_id not in simulations:
            item.refuse("simulation_availability", f"The simulation {simulation_id} is not chosen.")
    for profile_id, persona_id in one.profile_personas or ():
        if not has_profile(profile_id):
            item.refuse("profile_personas", f"The profile {profile_id} is not chosen.")
        if persona_id not in personas.ids:
            item.refuse("profile_personas", f"There is no persona {persona_id}.")
