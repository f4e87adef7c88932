"""What was done to cohorts, by whom, and what it changed."""

from collections.abc import Iterable
from typing import Literal
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from artifacts import activities
from artifacts.activities import Entry as AnyEntry
from artifacts.activities import changed
from artifacts.actors import Actor

Activity = Literal[
    "created",
    "updated",
    "deleted",
    "restored",
    "duplicated",
    "left",
    "exported",
    "persons_added_manually",
    "person_removed_manually",
    "persons_imported",
]

NOTE = activities.statement("cohort")


class Entry(AnyEntry, frozen=True):
    """One line about a cohort, or about all of them."""

    activity: Activity


async def note(
    session: AsyncSession, organization_id: UUID, entries: Iterable[Entry], *, actor: Actor | None, mcp: bool = False
) -> None:
    """Write lines with one statement. Without an actor an event was the cause."""
    await activities.note(session, NOTE, organization_id, entries, actor=actor, mcp=mcp)


__all__ = ["Activity", "Entry", "changed", "note"]
