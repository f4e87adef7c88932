"""Making what items name and what is not there, for items without problems."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from kernel import uuid7
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from artifacts.cohorts.resolving.checking import checked
from artifacts.cohorts.resolving.items import Present, Resolved, Wanted
from artifacts.cohorts.resolving.lookup import look
from artifacts.organizations.commands import hold
from artifacts.texts.commands import DESCRIPTION, NAME, made_texts

MAKE_SIMULATIONS = text("""
INSERT INTO simulations (id, organization_id, name)
SELECT id, CAST(:organization_id AS uuid), name
  FROM unnest(CAST(:ids AS uuid[]), CAST(:names AS text[])) AS one (id, name)
""")
MAKE_OWNED = """
INSERT INTO {table} AS known (id, organization_id, {columns})
SELECT id, CAST(:organization_id AS uuid), {columns}
  FROM unnest(CAST(:ids AS uuid[]), {arrays}) AS one (id, {columns}) ORDER BY {columns}
ON CONFLICT ({columns}) DO UPDATE SET organization_id = known.organization_id
RETURNING id, {columns}
"""
OWNED: tuple[tuple[str, str, str, dict[str, str]], ...] = (
    (
        "simulation_positions",
        "simulation_position_ids",
        "simulation_positions",
        {"simulation_id": "uuid", "value": "integer"},
    ),
    (
        "simulation_availability",
        "simulation_availability_ids",
        "simulation_availability",
        {"simulation_id": "uuid", "time": "timestamptz", "type": "text"},
    ),
    ("profile_personas", "profile_persona_ids", "profile_personas", {"profile_id": "uuid", "persona_id": "uuid"}),
)
"""Field of values, field of ids, table and its columns."""


async def resolve(
    session: AsyncSession,
    organization_id: UUID,
    wanted: Sequence[Wanted],
    presents: Sequence[Present | None] | None = None,
) -> list[Resolved]:
    """Every item in ids or with its problems. `presents` is what each starts from, None for what is new."""
    if any(one.simulations for one in wanted):
        await hold(session, organization_id)  # two requests that name the same new simulation make one
    before = presents or [None] * len(wanted)
    items = checked(wanted, before, await look(session, organization_id, wanted, before))
    sound = [item for item in items if not item.problems]
    await _make_simulations(session, organization_id, sound)
    await _make_texts(session, organization_id, sound)
    for values, ids, table, columns in OWNED:
        await _make_owned(session, organization_id, sound, values, ids, table, columns)
    return items


async def _make_simulations(session: AsyncSession, organization_id: UUID, items: Sequence[Resolved]) -> None:
    """Simulations that were named and are not there, one for each name."""
    made = {name: uuid7() for name in dict.fromkeys(name for item in items for name in item.new_simulations)}
    if not made:
        return
    values = {"organization_id": organization_id, "ids": list(made.values()), "names": list(made)}
    await session.execute(MAKE_SIMULATIONS, values)
    for item in items:
        new = dict.fromkeys(made[name] for name in item.new_simulations)
        item.simulation_ids = [*item.simulation_ids, *new]


async def _make_texts(session: AsyncSession, organization_id: UUID, items: Sequence[Resolved]) -> None:
    missing: dict[tuple[str, str], list[tuple[Resolved, str]]] = {}
    for item in items:
        one = item.wanted
        if item.name_id is None and one.name_id is None and (name := (one.name or "").strip()):
            missing.setdefault((NAME, name), []).append((item, "name_id"))
        if item.description_id is None and one.description_id is None and one.description:
            missing.setdefault((DESCRIPTION, one.description), []).append((item, "description_id"))
    made = await made_texts(session, organization_id, missing)
    for pair, places in missing.items():
        for item, field in places:
            setattr(item, field, made[pair])
            item.made.append(made[pair])


async def _make_owned(
    session: AsyncSession,
    organization_id: UUID,
    items: Sequence[Resolved],
    values: str,
    ids: str,
    table: str,
    columns: dict[str, str],
) -> None:
    """Positions, windows or parts that were given by value: found or made."""
    rows = sorted({row for item in items for row in getattr(item.wanted, values) or ()})
    if not rows:
        return
    names = list(columns)
    arrays = ", ".join(f"CAST(:{name} AS {kind}[])" for name, kind in columns.items())
    statement = text(MAKE_OWNED.format(table=table, columns=", ".join(names), arrays=arrays))
    new = [uuid7() for _ in rows]
    given: dict[str, Any] = {name: [row[place] for row in rows] for place, name in enumerate(names)}
    found = await session.execute(statement, {"organization_id": organization_id, "ids": new, **given})
    known = {tuple(row[1:]): row[0] for row in found}
    fresh = set(new)
    for item in items:
        chosen = [known[row] for row in getattr(item.wanted, values) or ()]
        setattr(item, ids, list(dict.fromkeys([*getattr(item, ids), *chosen])))
        item.made += [identifier for identifier in dict.fromkeys(chosen) if identifier in fresh]
