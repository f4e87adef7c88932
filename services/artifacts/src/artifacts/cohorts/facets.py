"""Filters of cohorts and how many cohorts each choice has under the other filters."""

from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import ARRAY, ColumnElement, Select, and_, func, literal, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from artifacts.cohorts.models import Cohort, CohortMember, ProfileCohorts
from artifacts.cohorts.queries import Description, Name
from artifacts.departments.models import Group
from artifacts.departments.queries import is_department
from artifacts.matching import among, contains, overlaps
from artifacts.profiles.models import Profile
from artifacts.simulations.models import Simulation

MOST_OPTIONS = 100


class Filters(msgspec.Struct, frozen=True, kw_only=True):
    """What cohorts are asked for."""

    organization_id: UUID
    search: str = ""
    profile_ids: list[UUID] | None = None
    simulation_ids: list[UUID] | None = None
    department_ids: list[UUID] | None = None


class Option(msgspec.Struct, frozen=True):
    """A choice and how many cohorts have it."""

    id: UUID
    name: str
    count: int


def conditions(filters: Filters, *, without: str | None = None) -> ColumnElement[bool]:
    """What a cohort needs to be found, one kind of filter (`profile`, `simulation`, `department`) left out."""
    needed: list[ColumnElement[bool]] = [
        Cohort.organization_id == filters.organization_id,
        Cohort.deleted_at.is_(None),
    ]
    if filters.search:
        needed.append(or_(contains(Name.value, filters.search), contains(Description.value, filters.search)))
    if filters.simulation_ids and without != "simulation":
        needed.append(overlaps(Cohort.simulation_ids, filters.simulation_ids))
    if filters.department_ids and without != "department":
        needed.append(overlaps(Cohort.department_ids, filters.department_ids))
    if filters.profile_ids and without != "profile":
        present = and_(
            CohortMember.cohort_id == Cohort.id,
            CohortMember.until.is_(None),
            among(CohortMember.profile_id, filters.profile_ids),
        )
        needed.append(select(CohortMember.id).where(present).exists())
    return and_(*needed)


async def simulations(session: AsyncSession, filters: Filters, search: str) -> list[Option]:
    """Simulations of the found cohorts."""
    within = and_(Simulation.organization_id == filters.organization_id, Simulation.deleted_at.is_(None))
    used = _chosen(filters, Cohort.simulation_ids, "simulation")
    return await _options(session, Simulation, used, within, search, filters.simulation_ids)


async def departments(session: AsyncSession, filters: Filters, search: str) -> list[Option]:
    """Departments of the found cohorts."""
    used = _chosen(filters, Cohort.department_ids, "department")
    return await _options(session, Group, used, is_department(filters.organization_id), search, filters.department_ids)


async def profiles(session: AsyncSession, filters: Filters, search: str) -> list[Option]:
    """Members of the found cohorts. Where nothing else is filtered, how many each has is read and not counted."""
    within = and_(Profile.organization_id == filters.organization_id, Profile.removed_at.is_(None))
    if not (filters.search or filters.simulation_ids or filters.department_ids):
        used = select(ProfileCohorts.profile_id.label("id"), ProfileCohorts.times)
        own = ProfileCohorts.organization_id == filters.organization_id
        return await _options(
            session, Profile, used.where(own, ProfileCohorts.times > 0), within, search, filters.profile_ids
        )
    found = _texts(select(Cohort.id)).where(conditions(filters, without="profile"))
    used = (
        select(CohortMember.profile_id.label("id"), func.count().label("times"))
        .where(CohortMember.cohort_id.in_(found), CohortMember.until.is_(None))
        .group_by(CohortMember.profile_id)
    )
    return await _options(session, Profile, used, within, search, filters.profile_ids)


async def activity(session: AsyncSession, filters: Filters) -> tuple[int, int]:
    """How many of the found cohorts are in use, and how many are not."""
    statement = select(
        func.count().filter(Cohort.is_active), func.count().filter(Cohort.is_active.is_(False))
    ).select_from(Cohort)
    row = (await session.execute(_texts(statement).where(conditions(filters)))).one()
    in_use, out_of_use = tuple(row)
    return in_use, out_of_use


def _chosen(filters: Filters, column: Any, kind: str) -> Select[Any, Any]:
    """How often each id of an array column stands in the found cohorts."""
    found = _texts(select(func.unnest(column).label("id"))).where(conditions(filters, without=kind)).subquery()
    return select(found.c.id, func.count().label("times")).group_by(found.c.id)


async def _options(
    session: AsyncSession,
    model: Any,
    used: Select[Any, Any],
    within: ColumnElement[bool],
    search: str,
    selected: list[UUID] | None,
) -> list[Option]:
    """Choices that are used and match the search, and those that are selected, most used first.

    The most used are taken before their names are looked up, so it does not matter how many there are beside them.
    """
    counted = used.cte("counted")
    most = select(counted.c.id, counted.c.times).order_by(counted.c.times.desc(), counted.c.id).limit(MOST_OPTIONS)
    if search:
        most = most.join(model, model.id == counted.c.id).where(within, contains(model.name, search))
    shown: Any = most.subquery().select()
    if selected:
        chosen = select(func.unnest(literal(selected, ARRAY(model.id.type))).label("id")).subquery("chosen")
        times = func.coalesce(counted.c.times, 0)
        shown = shown.union(select(chosen.c.id, times).outerjoin(counted, counted.c.id == chosen.c.id))
    found = shown.subquery("shown")
    statement = select(model.id, model.name, found.c.times).join(found, found.c.id == model.id).where(within)
    rows = await session.execute(statement.order_by(found.c.times.desc(), model.name, model.id))
    return [Option(*row) for row in rows]


def _texts(statement: Any) -> Any:
    """The statement with the texts that a search looks at."""
    return statement.outerjoin(Name, Name.id == Cohort.name_id).outerjoin(
        Description, Description.id == Cohort.description_id
    )
