"""Writes of cohorts, for all dialects."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec
from contracts.artifacts import CohortCreated, CohortUpdated
from kernel import now, uuid7
from messaging import publish
from sqlalchemy import insert, update
from sqlalchemy.ext.asyncio import AsyncSession

from artifacts.actors import Actor
from artifacts.cohorts import flags, rules
from artifacts.cohorts.models import Cohort, CohortMember
from artifacts.cohorts.resolving import Problem, Resolved, Wanted, resolve
from artifacts.matching import among
from artifacts.organizations.commands import take_numbers

BY_HAND = "hand"


class Outcome(msgspec.Struct, frozen=True):
    """What became of one item: a cohort, or the reasons why not."""

    cohort_id: UUID | None
    problems: list[Problem]


async def create(session: AsyncSession, actor: Actor, wanted: Sequence[Wanted], *, mcp: bool = False) -> list[Outcome]:
    """Make cohorts, an outcome an item in the items' order; an item with problems leaves nothing behind.

    Raises Forbidden.
    """
    rules.demand(actor, "create")
    items = await resolve(session, actor.organization_id, wanted)
    sound = [item for item in items if not item.problems]
    numbers = await take_numbers(session, actor.organization_id, "cohort", len(sound)) if sound else range(0)
    rows = [_row(actor, item, number, mcp=mcp) for item, number in zip(sound, numbers, strict=True)]
    if rows:
        await session.execute(insert(Cohort), rows)
    await _enter(session, [(row["id"], item.profile_ids) for row, item in zip(rows, sound, strict=True)])
    for row in rows:
        await publish(
            session,
            CohortCreated(cohort_id=row["id"], organization_id=actor.organization_id, number=row["number"], mcp=mcp),
        )
    made = iter(row["id"] for row in rows)
    return [Outcome(None, item.problems) if item.problems else Outcome(next(made), []) for item in items]


async def drop_member(session: AsyncSession, organization_id: UUID, profile_id: UUID) -> None:
    """End a profile's time in every cohort."""
    ended = await session.scalars(
        update(CohortMember)
        .where(CohortMember.profile_id == profile_id, CohortMember.until.is_(None))
        .values(until=now())
        .returning(CohortMember.cohort_id)
    )
    cohorts = sorted(ended)
    if not cohorts:
        return
    fewer = {"member_count": Cohort.member_count - 1, "version": Cohort.version + 1}
    await session.execute(update(Cohort).where(among(Cohort.id, cohorts)).values(fewer))
    for cohort_id in cohorts:
        await publish(session, CohortUpdated(cohort_id=cohort_id, organization_id=organization_id))


def _row(actor: Actor, item: Resolved, number: int, *, mcp: bool) -> dict[str, Any]:
    one = item.wanted
    chosen = flags.BY_ID.get(one.flag_id) if one.flag_id else None
    return {
        "id": one.id or uuid7(),
        "organization_id": actor.organization_id,
        "number": number,
        "name_id": item.name_id,
        "description_id": item.description_id,
        "is_active": chosen.value if chosen else one.is_active is not False,
        "department_ids": item.department_ids,
        "simulation_ids": item.simulation_ids,
        "simulation_position_ids": item.simulation_position_ids,
        "simulation_availability_ids": item.simulation_availability_ids,
        "profile_persona_ids": item.profile_persona_ids,
        "member_count": len(item.profile_ids),
        "mcp": mcp,
        "created_by": actor.user_id,
        "updated_by": actor.user_id,
        "source_type": "backend" if actor.user_id is None else "frontend",
        "is_static": True,
    }


async def _enter(session: AsyncSession, entries: Sequence[tuple[UUID, list[UUID]]]) -> None:
    rows = [
        {"cohort_id": cohort_id, "profile_id": profile_id, "source": BY_HAND}
        for cohort_id, profile_ids in entries
        for profile_id in profile_ids
    ]
    if rows:
        await session.execute(insert(CohortMember), rows)
