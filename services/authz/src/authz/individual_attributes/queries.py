"""Looking attributes up."""

from collections.abc import Collection, Mapping
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from authz.index.kinds import FLAGS

SEARCHED = ("first_name", "last_name", "birth_date", "email", "phone")
FEW = 5000
"""Up to so many candidates their ids go into the statement; more are taken from its answer instead."""


async def matching(
    session: AsyncSession, wanted: Mapping[str, str | date], candidates: Collection[str] | None
) -> list[str]:
    """The ids of individuals whose attributes are these (texts whatever their case); of `candidates` only, if given."""
    conditions = [f"{name} = :{name}" for name in SEARCHED if name in wanted]
    values: dict[str, Any] = {
        name: value.lower() if isinstance(value, str) else value for name, value in wanted.items()
    }
    if candidates is not None:
        conditions.append("individual_id = ANY(CAST(:ids AS uuid[]))")
        values["ids"] = [UUID(one) for one in candidates]
    statement = f"SELECT individual_id::text FROM individual_attributes WHERE {' AND '.join(conditions)}"  # noqa: S608 names of ours
    return list((await session.scalars(text(statement), values)).all())


async def flags(session: AsyncSession, individuals: Collection[UUID]) -> dict[str, list[str]]:
    """For each attribute that is true or false: the ids of those of whom it is true."""
    statement = text(
        f"SELECT individual_id::text, {', '.join(FLAGS)} FROM individual_attributes "  # noqa: S608 names of ours
        "WHERE individual_id = ANY(CAST(:ids AS uuid[]))"
    )
    rows = (await session.execute(statement, {"ids": sorted(individuals)})).all()
    return {name: [row[0] for row in rows if row[place]] for place, name in enumerate(FLAGS, start=1)}
