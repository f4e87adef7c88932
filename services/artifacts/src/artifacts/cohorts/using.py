"""Which cohorts need which, by what their filters mention."""

from collections.abc import Collection, Sequence
from uuid import UUID

import msgspec
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

USING = text("""
SELECT m.name AS needed, c.id, c.number, t.value AS name
  FROM cohort_mentions m
  JOIN cohorts c ON c.id = m.cohort_id AND c.deleted_at IS NULL AND NOT c.is_static
  LEFT JOIN texts t ON t.id = c.name_id
 WHERE m.organization_id = :organization_id AND m.kind = 'cohort' AND m.name = ANY(CAST(:needed AS text[]))
 ORDER BY c.number
""")
SHOWN_NAMES = 5


class User(msgspec.Struct, frozen=True):
    """A cohort whose filters name another."""

    id: UUID
    number: int
    name: str | None


async def users(session: AsyncSession, organization_id: UUID, needed: Collection[UUID]) -> dict[UUID, list[User]]:
    """The live cohorts that name each of some, in the order of their numbers."""
    found: dict[UUID, list[User]] = {identifier: [] for identifier in needed}
    if needed:
        values = {"organization_id": organization_id, "needed": [str(identifier) for identifier in needed]}
        for row in await session.execute(USING, values):
            found[UUID(row.needed)].append(User(row.id, row.number, row.name))
    return found


def refusal(using: Sequence[User]) -> str | None:
    """Why a cohort cannot be deleted; None when nothing needs it."""
    if not using:
        return None
    names = ", ".join(one.name or f"Cohort {one.number}" for one in using[:SHOWN_NAMES])
    more = f" and {len(using) - SHOWN_NAMES} more" if len(using) > SHOWN_NAMES else ""
    return f"This cohort is used as criteria in {len(using)} other cohort(s): {names}{more}."
