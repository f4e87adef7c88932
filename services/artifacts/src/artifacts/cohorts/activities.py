"""What was done to cohorts, by whom, and what it changed."""

from collections.abc import Iterable
from typing import Any, Literal
from uuid import UUID

import msgspec
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from artifacts.actors import Actor

Activity = Literal["created", "updated", "deleted", "duplicated", "left", "exported"]

NOTE = text("""
INSERT INTO cohort_activities (organization_id, cohort_id, activity, actor, user_id, mcp, changes)
SELECT :organization_id, cohort_id, activity, CAST(:actor AS text), CAST(:user_id AS uuid), CAST(:mcp AS boolean),
       changes
  FROM jsonb_to_recordset(CAST(:entries AS jsonb)) AS one (cohort_id uuid, activity text, changes jsonb)
""")


class Entry(msgspec.Struct, frozen=True):
    """One line. `changes` hold ids and what cohorts are called, of people nothing but ids."""

    cohort_id: UUID | None
    activity: Activity
    changes: list[dict[str, Any]] = msgspec.field(default_factory=list[dict[str, Any]])


async def note(
    session: AsyncSession, organization_id: UUID, entries: Iterable[Entry], *, actor: Actor | None, mcp: bool = False
) -> None:
    """Write lines with one statement. Without an actor an event was the cause."""
    lines = list(entries)
    if not lines:
        return
    values = {
        "organization_id": organization_id,
        "actor": actor.subject if actor else None,
        "user_id": actor.user_id if actor else None,
        "mcp": mcp,
        "entries": msgspec.json.encode(lines).decode(),
    }
    await session.execute(NOTE, values)


def changed(field: str, before: Any, after: Any) -> dict[str, Any]:
    """A change of one field."""
    return {"field": field, "before": before, "after": after}
