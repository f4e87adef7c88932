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
NOTE = text("""
SELECT note_cohort_changes(CAST(:organization_id AS uuid), CAST(:persons AS uuid[]), CAST(:kinds AS text[]),
                           CAST(:names AS text[]))
""")
"""The function (migration 0006) takes a lock that all who write share, and looks then at what is mentioned. Whoever
begins to calculate a cohort waits until those have ended who looked before they could know what it mentions."""

_wakers: "WeakSet[asyncio.Event]" = WeakSet()


async def note(session: AsyncSession, organization_id: UUID, rows: Iterable[tuple[UUID, str, str]]) -> None:
    """Keep what changed, as (person, kind, name), where a cohort mentions it. One statement."""
    known = list(dict.fromkeys(rows))
    if not known:
        return
    persons, kinds, names = (list(column) for column in zip(*known, strict=True))
    values = {"organization_id": organization_id, "persons": persons, "kinds": kinds, "names": names}
    if (await session.execute(NOTE, values)).scalar_one():
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
