"""Telling of people who came into cohorts, or left them, other than by a calculation."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from contracts.artifacts import CohortMemberEntered, CohortMemberLeft
from kernel import now
from messaging import publish_many
from sqlalchemy.ext.asyncio import AsyncSession

from artifacts.cohorts.calculations import triggers
from artifacts.cohorts.members import Change, Source

IN_AN_EVENT = 1000


Moved = CohortMemberEntered | CohortMemberLeft


def told(organization_id: UUID, changes: Mapping[UUID, Change], source: Source = "hand") -> list[Moved]:
    """The events that say who came and who left."""
    at = now()
    ordered = sorted(changes.items())
    return [event for key, change in ordered for event in _events(organization_id, key, change, source, at)]


async def follow(session: AsyncSession, organization_id: UUID, changes: Mapping[UUID, Change]) -> None:
    """Let the cohorts that name these ones follow."""
    moved = {cohort_id: [*change.added, *change.removed] for cohort_id, change in changes.items()}
    if any(moved.values()):
        await triggers.members_changed(session, organization_id, moved)


async def tell(
    session: AsyncSession, organization_id: UUID, changes: Mapping[UUID, Change], source: Source = "hand"
) -> None:
    """Both, where there is nothing else to announce."""
    await publish_many(session, told(organization_id, changes, source))
    await follow(session, organization_id, changes)


def _events(organization_id: UUID, cohort_id: UUID, change: Change, source: Source, at: datetime) -> Iterator[Moved]:
    for kind, persons in ((CohortMemberLeft, change.removed), (CohortMemberEntered, change.added)):
        for chosen in _parts(persons):
            yield kind(cohort_id=cohort_id, organization_id=organization_id, person_ids=chosen, at=at, source=source)


def _parts(persons: Sequence[UUID]) -> Iterator[tuple[UUID, ...]]:
    for begin in range(0, len(persons), IN_AN_EVENT):
        yield tuple(persons[begin : begin + IN_AN_EVENT])
