"""What was done to records, by whom, acting as whom, and what it changed."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import TextClause, text
from sqlalchemy.ext.asyncio import AsyncSession

from artifacts.actors import Actor

CALLED = "(SELECT t.value FROM cohorts c JOIN texts t ON t.id = c.name_id WHERE c.id = one.id), "


class Entry(msgspec.Struct, frozen=True):
    """One line. `changes` hold ids and what records are called, of people nothing but ids."""

    id: UUID | None
    activity: str
    changes: list[dict[str, Any]] = msgspec.field(default_factory=list[dict[str, Any]])


def statement(kind: str) -> TextClause:
    """The statement that writes lines about records of a kind: cohort (with what it is called now) or profile."""
    column, called = ("name, ", CALLED) if kind == "cohort" else ("", "")
    return text(f"""
INSERT INTO {kind}_activities (organization_id, {kind}_id, activity, actor, user_id, emulated, mcp, {column}changes)
SELECT :organization_id, id, activity, CAST(:actor AS text), CAST(:user_id AS uuid), CAST(:emulated AS uuid[]),
       CAST(:mcp AS boolean), {called}changes
  FROM jsonb_to_recordset(CAST(:entries AS jsonb)) AS one (id uuid, activity text, changes jsonb)
""")  # noqa: S608 the text is ours


async def note(
    session: AsyncSession,
    written: TextClause,
    organization_id: UUID,
    entries: Iterable[Entry],
    *,
    actor: Actor | None,
    mcp: bool = False,
) -> None:
    """Write lines with one statement. Without an actor an event was the cause.

    The person who signed in stands in the line, whomever they act as; those stand beside them.
    """
    lines = list(entries)
    if not lines:
        return
    values = {
        "organization_id": organization_id,
        "actor": actor.signed_in.subject if actor else None,
        "user_id": actor.signed_in.user_id if actor else None,
        "emulated": list(actor.emulated) if actor else [],
        "mcp": mcp,
        "entries": msgspec.json.encode(lines).decode(),
    }
    await session.execute(written, values)


def changed(field: str, before: Any, after: Any) -> dict[str, Any]:
    """A change of one field."""
    return {"field": field, "before": before, "after": after}
