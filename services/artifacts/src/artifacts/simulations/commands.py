"""Writes of simulations with their places in the order and the times when they open and close."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec
from kernel import uuid7
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from artifacts.actors import Actor
from artifacts.library import commands as library
from artifacts.library.kinds import Item
from artifacts.outcomes import Outcome, Problem
from artifacts.simulations.kind import SIMULATION

Window = tuple[datetime, str]
"""A time, and `open` or `close`."""

ADD_POSITIONS = text("""
INSERT INTO simulation_positions (id, organization_id, simulation_id, value)
SELECT id, CAST(:organization_id AS uuid), simulation_id, value
  FROM unnest(CAST(:ids AS uuid[]), CAST(:simulations AS uuid[]), CAST(:values AS integer[]))
    AS one (id, simulation_id, value)
ON CONFLICT (simulation_id, value) DO NOTHING
""")
ADD_WINDOWS = text("""
INSERT INTO simulation_availability (id, organization_id, simulation_id, time, type)
SELECT id, CAST(:organization_id AS uuid), simulation_id, time, type
  FROM unnest(CAST(:ids AS uuid[]), CAST(:simulations AS uuid[]), CAST(:times AS timestamptz[]), CAST(:types AS text[]))
    AS one (id, simulation_id, time, type)
ON CONFLICT (simulation_id, time, type) DO NOTHING
""")
CHOICES = text("""
SELECT 'positions' AS field, p.id, p.simulation_id, p.value, NULL::timestamptz AS time, NULL AS type,
       EXISTS (SELECT 1 FROM cohorts c WHERE c.organization_id = :organization_id AND c.deleted_at IS NULL
                  AND c.simulation_ids @> ARRAY[p.simulation_id] AND p.id = ANY(c.simulation_position_ids)) AS used
  FROM simulation_positions p
 WHERE p.organization_id = :organization_id AND p.simulation_id = ANY(CAST(:simulations AS uuid[]))
UNION ALL
SELECT 'availability', a.id, a.simulation_id, NULL, a.time, a.type,
       EXISTS (SELECT 1 FROM cohorts c WHERE c.organization_id = :organization_id AND c.deleted_at IS NULL
                  AND c.simulation_ids @> ARRAY[a.simulation_id] AND a.id = ANY(c.simulation_availability_ids))
  FROM simulation_availability a
 WHERE a.organization_id = :organization_id AND a.simulation_id = ANY(CAST(:simulations AS uuid[]))
""")
DROP = text("""
WITH places AS (DELETE FROM simulation_positions WHERE id = ANY(CAST(:ids AS uuid[])))
DELETE FROM simulation_availability WHERE id = ANY(CAST(:ids AS uuid[]))
""")


class Wanted(msgspec.Struct, kw_only=True):
    """A simulation as a client describes it. None says nothing; a list replaces what is there."""

    item: Item
    positions: list[int] | None = None
    availability: list[Window] | None = None


async def create(session: AsyncSession, actor: Actor, wanted: Sequence[Wanted], *, mcp: bool = False) -> list[Outcome]:
    """Make simulations, an outcome an item. Raises Forbidden."""
    outcomes = await library.create(session, actor, SIMULATION, [one.item for one in wanted], mcp=mcp)
    await _add(session, actor, wanted, outcomes)
    return outcomes


async def update(session: AsyncSession, actor: Actor, wanted: Sequence[Wanted]) -> list[Outcome]:
    """Change simulations, an outcome an item. What a cohort has chosen cannot be taken away. Raises Forbidden."""
    replaced = {one.item.id: one for one in wanted if one.item.id}
    known = await library.locked(session, actor, SIMULATION, list(replaced))
    surplus, refused = await _surplus(session, actor, {key: replaced[key] for key in known})
    outcomes = await library.change(session, actor, SIMULATION, [one.item for one in wanted], refused)
    done = {one.id for one in outcomes if not one.problems}
    gone = [identifier for key, ids in surplus.items() if key in done for identifier in ids]
    if gone:
        await session.execute(DROP, {"ids": gone})
    await _add(session, actor, wanted, outcomes)
    return outcomes


async def _surplus(
    session: AsyncSession, actor: Actor, wanted: dict[UUID, Wanted]
) -> tuple[dict[UUID, list[UUID]], dict[UUID, list[Problem]]]:
    """By simulation: places and windows that are there and no longer wanted, and a problem for each that is in use."""
    surplus: dict[UUID, list[UUID]] = {}
    refused: dict[UUID, list[Problem]] = {}
    values = {"organization_id": actor.organization_id, "simulations": list(wanted)}
    for row in await session.execute(CHOICES, values) if wanted else ():
        kept = getattr(wanted[row.simulation_id], row.field)
        value = row.value if row.field == "positions" else (row.time, row.type)
        if kept is None or value in kept:
            continue
        surplus.setdefault(row.simulation_id, []).append(row.id)
        if row.used:
            shown = row.value if row.field == "positions" else f"{row.type} at {row.time.isoformat()}"
            refused.setdefault(row.simulation_id, []).append(Problem(row.field, f"A cohort uses {shown}."))
    return surplus, refused


async def _add(session: AsyncSession, actor: Actor, wanted: Sequence[Wanted], outcomes: Sequence[Outcome]) -> None:
    sound = [(done.id, one) for one, done in zip(wanted, outcomes, strict=True) if done.id and not done.problems]
    positions = [(key, value) for key, one in sound for value in dict.fromkeys(one.positions or ())]
    windows = [(key, *window) for key, one in sound for window in dict.fromkeys(one.availability or ())]
    if positions:
        values = {"simulations": [one[0] for one in positions], "values": [one[1] for one in positions]}
        await session.execute(ADD_POSITIONS, {**_new(actor, len(positions)), **values})
    if windows:
        values = {
            "simulations": [one[0] for one in windows],
            "times": [one[1] for one in windows],
            "types": [one[2] for one in windows],
        }
        await session.execute(ADD_WINDOWS, {**_new(actor, len(windows)), **values})


def _new(actor: Actor, several: int) -> dict[str, object]:
    return {"organization_id": actor.organization_id, "ids": [uuid7() for _ in range(several)]}
