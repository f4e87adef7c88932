"""Reads of profiles and the filters over them."""

from collections.abc import Sequence
from uuid import UUID

import msgspec
from database import page_of
from kernel import Page, Slice
from sqlalchemy import ColumnElement, and_, false, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from artifacts.actors import Actor
from artifacts.cohorts.models import Cohort, CohortMember
from artifacts.cohorts.queries import Name
from artifacts.departments.models import Group
from artifacts.departments.queries import is_department
from artifacts.matching import among, contains, overlaps
from artifacts.profiles.models import SEARCH_KEYS, Profile

MOST_OPTIONS = 100
SHORTEST_KEY = 3


class Filters(msgspec.Struct, frozen=True, kw_only=True):
    """What profiles are asked for."""

    search: str = ""
    cohort_ids: list[UUID] | None = None
    cohort_search: str = ""
    department_ids: list[UUID] | None = None
    role: str | None = None


async def page(session: AsyncSession, actor: Actor, filters: Filters, wanted: Page) -> Slice[Profile]:
    """A page of profiles by name."""
    statement = select(Profile).where(conditions(actor, filters)).order_by(Profile.name, Profile.id)
    return await page_of(session, statement, wanted)


def visible(actor: Actor) -> ColumnElement[bool]:
    """Which profiles the actor may see: staff those of the organization, others their own."""
    within = and_(Profile.organization_id == actor.organization_id, Profile.removed_at.is_(None))
    if actor.is_staff:
        return within
    return and_(within, Profile.id == actor.profile_id if actor.profile_id else false())


def conditions(actor: Actor, filters: Filters, *, without: str | None = None) -> ColumnElement[bool]:
    """What a profile needs to be found, one kind of filter (`department`, `role`) left out."""
    needed = [visible(actor)]
    if filters.search:
        needed.append(or_(contains(Profile.name, filters.search), contains(Profile.primary_email, filters.search)))
        if len(filters.search) >= SHORTEST_KEY:
            needed.append(SEARCH_KEYS.op("@>")(func.search_keys(actor.organization_id, filters.search)))
    if filters.cohort_ids:
        needed.append(_in_cohort(actor, among(Cohort.id, filters.cohort_ids)))
    if filters.cohort_search:
        needed.append(_in_cohort(actor, contains(Name.value, filters.cohort_search)))
    if filters.department_ids and without != "department":
        needed.append(overlaps(Profile.department_ids, filters.department_ids))
    if filters.role and without != "role":
        needed.append(Profile.role == filters.role)
    return and_(*needed)


async def departments(
    session: AsyncSession, actor: Actor, filters: Filters, search: str
) -> Sequence[tuple[UUID, str, int]]:
    """Departments of the found profiles with how many have each, most first; selected ones in any case."""
    found = select(func.unnest(Profile.department_ids).label("id"))
    found = found.where(conditions(actor, filters, without="department")).subquery()
    counted = select(found.c.id, func.count().label("times")).group_by(found.c.id).subquery()
    times = func.coalesce(counted.c.times, 0)
    shown = counted.c.times.is_not(None)
    if search:
        shown = and_(shown, contains(Group.name, search))
    if filters.department_ids:
        shown = or_(shown, among(Group.id, filters.department_ids))
    statement = (
        select(Group.id, Group.name, times)
        .outerjoin(counted, counted.c.id == Group.id)
        .where(is_department(actor.organization_id), shown)
        .order_by(times.desc(), Group.name, Group.id)
        .limit(MOST_OPTIONS + len(filters.department_ids or ()))
    )
    return (await session.execute(statement)).all()


async def by_role(session: AsyncSession, actor: Actor, filters: Filters) -> dict[str, int]:
    """How many of the found profiles have each role."""
    within = conditions(actor, filters, without="role")
    statement = select(Profile.role, func.count()).where(within).group_by(Profile.role)
    return dict((await session.execute(statement)).all())


def _in_cohort(actor: Actor, condition: ColumnElement[bool]) -> ColumnElement[bool]:
    present = (
        select(CohortMember.id)
        .join(Cohort, Cohort.id == CohortMember.cohort_id)
        .outerjoin(Name, Name.id == Cohort.name_id)
        .where(
            CohortMember.profile_id == Profile.id,
            CohortMember.until.is_(None),
            Cohort.organization_id == actor.organization_id,
            Cohort.deleted_at.is_(None),
            condition,
        )
    )
    return present.exists()
