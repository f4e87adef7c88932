"""What changed, for the cohorts that mention it.

Writers call these in the transaction of their write; a row stands in `cohort_changes` for each thing that some cohort
mentions, and the worker takes them after the commit. What no cohort mentions costs one look at an index.
"""

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from artifacts.cohorts.calculations import changes

EVERYTHING: frozenset[str] = frozenset({"*"})
"""Any condition may have another answer: somebody new, somebody back, somebody who was merged with another."""


async def persons_changed(
    session: AsyncSession, organization_id: UUID, persons: Mapping[UUID, AbstractSet[str]]
) -> None:
    """Properties of persons changed; by person the keys, or EVERYTHING."""
    rows = [
        (person_id, "any" if key in EVERYTHING else "property", key)
        for person_id, keys in persons.items()
        for key in keys
    ]
    await changes.note(session, organization_id, rows)


async def events_arrived(
    session: AsyncSession, organization_id: UUID, events: Iterable[tuple[UUID, str, datetime]]
) -> None:
    """Persons did something: person, event and when."""
    await changes.note(session, organization_id, [(person, "event", name) for person, name, _ in events])


async def members_changed(session: AsyncSession, organization_id: UUID, cohorts: Mapping[UUID, Sequence[UUID]]) -> None:
    """Persons came into cohorts or left them by hand; by cohort the persons."""
    rows = [(person_id, "cohort", str(cohort_id)) for cohort_id, persons in cohorts.items() for person_id in persons]
    await changes.note(session, organization_id, rows)
