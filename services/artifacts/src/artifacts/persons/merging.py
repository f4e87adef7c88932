"""Two persons turn out to be one: what belonged to the one is the other's."""

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from artifacts.cohorts.handing_over import hand_over

PAIRS = "unnest(CAST(:sources AS uuid[]), CAST(:targets AS uuid[])) AS pair (source, target)"
NAMES = text(f"""
UPDATE person_distinct_ids d SET person_id = pair.target FROM {PAIRS}
 WHERE d.organization_id = :organization_id AND d.person_id = pair.source
""")  # noqa: S608 the text is ours
EVENTS = text(f"""
UPDATE events e SET person_id = pair.target FROM {PAIRS}
 WHERE e.person_id = pair.source AND e.organization_id = :organization_id
""")  # noqa: S608
END = text("DELETE FROM persons WHERE organization_id = :organization_id AND id = ANY(CAST(:sources AS uuid[]))")
HOLD = text("SELECT pg_advisory_xact_lock(hashtextextended(:held, 3))")
SHARE = text("SELECT pg_advisory_xact_lock_shared(hashtextextended(:held, 3))")


async def hold(session: AsyncSession, organization_id: UUID, *, alone: bool) -> None:
    """Until the transaction ends nobody merges persons of the organization meanwhile; `alone` also keeps out events."""
    await session.execute(HOLD if alone else SHARE, {"held": str(organization_id)})


async def merge(session: AsyncSession, organization_id: UUID, merged: Mapping[UUID, UUID]) -> None:
    """Give distinct ids, events and memberships of some persons (the keys) to others. The organization must be held.

    A key may also be the id that a person would have: then there are only events.
    """
    values = {"organization_id": organization_id, "sources": list(merged), "targets": list(merged.values())}
    await hand_over(session, organization_id, merged)
    for statement in (NAMES, EVENTS, END):
        await session.execute(statement, values)
