"""Everything that some items name, found with one statement."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from artifacts.cohorts.resolving.items import Present, Wanted
from artifacts.texts.commands import DESCRIPTION, NAME

DEPARTMENT = "organization_id = :organization_id AND node_type = 'division' AND is_active"
SIMULATION = "organization_id = :organization_id AND deleted_at IS NULL"
PROFILE = "organization_id = :organization_id AND removed_at IS NULL"
TEXTS = """
SELECT '{kind}' AS kind, t.id, t.value, NULL::uuid AS owner FROM texts t
 WHERE organization_id = :organization_id AND kind = '{stored}' AND id = ANY(CAST(:{kind}_ids AS uuid[]))
UNION ALL
SELECT '{kind}', t.id, t.value, NULL FROM unnest(CAST(:{kind}s AS text[])) AS named (value)
  JOIN texts t ON t.organization_id = :organization_id AND t.kind = '{stored}' AND md5(t.value) = md5(named.value)
              AND t.value = named.value"""
NAMED = """
SELECT '{kind}' AS kind, id, name AS value, NULL::uuid AS owner FROM {table}
 WHERE {which} AND id = ANY(CAST(:{kind}_ids AS uuid[]))
UNION ALL
SELECT '{kind}', id, name, NULL FROM {table} WHERE {which} AND name = ANY(CAST(:{kind}s AS text[]))"""
OWNED = """
SELECT '{kind}' AS kind, id, NULL AS value, {owner} AS owner FROM {table}
 WHERE organization_id = :organization_id AND id = ANY(CAST(:{kind}_ids AS uuid[]))"""


LOOK = text(
    " UNION ALL ".join(
        (
            NAMED.format(kind="department", table="groups", which=DEPARTMENT),
            NAMED.format(kind="simulation", table="simulations", which=SIMULATION),
            NAMED.format(kind="profile", table="profiles", which=PROFILE),
            TEXTS.format(kind="name", stored=NAME),
            TEXTS.format(kind="description", stored=DESCRIPTION),
            OWNED.format(kind="simulation_position", table="simulation_positions", owner="simulation_id"),
            OWNED.format(kind="simulation_availability", table="simulation_availability", owner="simulation_id"),
            OWNED.format(kind="profile_persona", table="profile_personas", owner="profile_id"),
            f"""SELECT 'persona', id, name, NULL FROM personas
                 WHERE {SIMULATION} AND id = ANY(CAST(:persona_ids AS uuid[]))""",  # noqa: S608 the text is ours
            "SELECT 'taken', id, NULL, NULL FROM cohorts WHERE id = ANY(CAST(:taken_ids AS uuid[]))",
            """SELECT 'member', profile_id, NULL, cohort_id FROM cohort_members
                WHERE until IS NULL AND cohort_id = ANY(CAST(:cohort_ids AS uuid[]))
                  AND profile_id IN (SELECT profile_id FROM profile_personas
                                      WHERE id = ANY(CAST(:profile_persona_ids AS uuid[])))""",
        )
    )
)


class Known(msgspec.Struct):
    """What the organization has of one kind: ids with what they belong to, ids by value."""

    ids: dict[UUID, UUID | None]
    names: dict[str, list[UUID]]


class Surroundings(msgspec.Struct):
    """What the organization has of what some items name. `members` are pairs of cohort and profile."""

    kinds: dict[str, Known]
    members: set[tuple[UUID, UUID]]


async def look(
    session: AsyncSession, organization_id: UUID, wanted: Sequence[Wanted], presents: Sequence[Present | None]
) -> Surroundings:
    """What is there of everything that the items and what they start from name."""
    values = {"organization_id": organization_id, **_asked(wanted, presents)}
    found = Surroundings(defaultdict(lambda: Known({}, defaultdict(list))), set())
    for kind, identifier, value, owner in await session.execute(LOOK, values):
        if kind == "member":
            found.members.add((owner, identifier))
            continue
        known = found.kinds[kind]
        if value is not None and identifier not in known.names[value]:
            known.names[value].append(identifier)
        known.ids[identifier] = owner
    return found


def _asked(wanted: Sequence[Wanted], presents: Sequence[Present | None]) -> dict[str, Any]:
    owned = ("simulation_position_ids", "simulation_availability_ids", "profile_persona_ids")
    existing = [one for one in presents if one is not None]
    asked: dict[str, Any] = {field: _flat([*wanted, *existing], field) for field in owned}
    for field in ("department_ids", "simulation_ids", "profile_ids", "departments", "simulations", "profiles"):
        asked[field] = _flat(wanted, field)
    for field in ("name_id", "description_id"):
        asked[f"{field}s"] = _unique(getattr(one, field) for one in wanted)
    asked["names"] = _unique((one.name or "").strip() or None for one in wanted)
    asked["descriptions"] = _unique(one.description or None for one in wanted)
    asked["persona_ids"] = _unique(persona for one in wanted for _, persona in one.profile_personas or ())
    asked["taken_ids"] = _unique(one.id for one, before in zip(wanted, presents, strict=True) if before is None)
    asked["cohort_ids"] = _unique(one.id for one in existing)
    return asked


def _flat(items: Iterable[Any], field: str) -> list[Any]:
    return _unique(value for one in items for value in getattr(one, field) or ())


def _unique(values: Iterable[Any]) -> list[Any]:
    return [value for value in dict.fromkeys(values) if value is not None]
