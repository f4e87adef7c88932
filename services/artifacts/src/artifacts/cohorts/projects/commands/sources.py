"""Where the people of a static cohort come from: a file, ids, a query, criteria that count once."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import UUID

from chassis.runtime import Runtime
from kernel import Invalid, NotFound
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

import artifacts.cohorts.commands as core
from artifacts.actors import Actor
from artifacts.cohorts import activities
from artifacts.cohorts.activities import Entry, changed
from artifacts.cohorts.imports.commands import begin, checked
from artifacts.cohorts.imports.sheets import Sheet
from artifacts.cohorts.models import Cohort
from artifacts.cohorts.projects.bodies import Written
from artifacts.cohorts.queries import LARGEST_NUMBER
from artifacts.matching import among
from artifacts.persons.models import Person

PATIENCE = text("SET LOCAL idle_in_transaction_session_timeout = '300s'")
"""Reading a large file takes a while."""
Ids = tuple[Sheet, Path] | None


@asynccontextmanager
async def file_of(session: AsyncSession, written: Written) -> AsyncGenerator[Ids]:
    """The ids of the body's file, if there is one, as long as the block runs. Raises Invalid."""
    if written.csv is None:
        yield None
        return
    await session.execute(PATIENCE)
    async with checked(written.csv.file) as ids:
        yield ids


def demand_static(written: Written, *, is_static: bool) -> None:
    """Raises Invalid where a file is sent for a cohort whose people follow its filters."""
    if written.csv is not None and not is_static:
        raise Invalid("Only static cohorts take a CSV file. Set is_static to true.", pointer="csv")


async def take_in(
    session: AsyncSession, runtime: Runtime, actor: Actor, cohort: Cohort, written: Written, ids: Ids
) -> None:
    """Let the people that a body names into a static cohort: those of a list at once, those of a file soon."""
    if written.person_ids and cohort.is_static:
        await core.add_people(session, actor, cohort, await known(session, cohort.organization_id, written.person_ids))
    if ids is not None:
        await begin(session, runtime, cohort.organization_id, cohort.id, *ids)
        entry = Entry(cohort.id, "persons_imported", [changed("rows", None, ids[0].count)])
        await activities.note(session, cohort.organization_id, [entry], actor=actor)


async def known(session: AsyncSession, organization_id: UUID, person_ids: Sequence[UUID]) -> list[UUID]:
    """Those of some persons whom the organization has."""
    theirs = Person.organization_id == organization_id, Person.removed_at.is_(None), among(Person.id, person_ids)
    return list(await session.scalars(select(Person.id).where(*theirs)))


async def held(session: AsyncSession, organization_id: UUID, number: int) -> Cohort:
    """A cohort by its integer, also a deleted one, held until the transaction ends. Raises NotFound."""
    if number > LARGEST_NUMBER:
        raise NotFound
    theirs = Cohort.organization_id == organization_id, Cohort.number == number
    found = (await session.scalars(core.held(select(Cohort).where(*theirs)))).one_or_none()
    if found is None:
        raise NotFound
    return found
