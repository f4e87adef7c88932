"""The queue of changes that cohorts have to follow."""

import asyncio
from collections.abc import Iterable
from uuid import UUID
from weakref import WeakSet

from sqlalchemy import event as orm_events
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

PENDING = "cohorts.pending"
WRITING = text("SELECT pg_advisory_xact_lock_shared(hashtextextended(CAST(CAST(:organization_id AS uuid) AS text), 7))")
"""Shared by all who write; whoever begins to calculate a cohort waits until those have ended who wrote before they
could know what the cohort mentions. A statement of its own: the next one sees what is mentioned then."""
NOTE = text("""
INSERT INTO cohort_changes (organization_id, person_id, kind, name)
SELECT CAST(:organization_id AS uuid), one.person_id, one.kind, one.name
  FROM unnest(CAST(:persons AS uuid[]), CAST(:kinds AS text[]), CAST(:names AS text[]))
       AS one (person_id, kind, name)
 WHERE EXISTS (SELECT 1 FROM cohort_mentions m
                WHERE m.organization_id = CAST(:organization_id AS uuid) AND m.kind = one.kind AND m.name = one.name)
RETURNING 1
""")

_wakers: "WeakSet[asyncio.Event]" = WeakSet()


async def note(session: AsyncSession, organization_id: UUID, rows: Iterable[tuple[UUID, str, str]]) -> None:
    """Keep what changed, as (person, kind, name), where a cohort mentions it. Two statements."""
    known = list(dict.fromkeys(rows))
    if not known:
        return
    persons, kinds, names = (list(column) for column in zip(*known, strict=True))
    values = {"organization_id": organization_id, "persons": persons, "kinds": kinds, "names": names}
    await session.execute(WRITING, {"organization_id": organization_id})
    noted = await session.execute(NOTE, values)
    if noted.first() is not None:
        wake(session)


def wake(session: AsyncSession) -> None:
    """Let the engine in this process look when the session has committed. Others look ten times a second."""
    session.sync_session.info[PENDING] = True


def waker() -> asyncio.Event:
    """An event that is set after each commit of a session that changed something. The caller clears it."""
    made = asyncio.Event()
    _wakers.add(made)
    return made


def wake_all() -> None:
    """Let the engine in this process look now."""
    for made in _wakers:
        made.set()


@orm_events.listens_for(Session, "after_commit")
def _wake(session: Session) -> None:
    if session.info.pop(PENDING, False):
        wake_all()
