"""Reads of the library."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec
from database import page_of
from kernel import NotFound, Page, Slice
from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from artifacts.departments.models import Group
from artifacts.departments.queries import is_department
from artifacts.library.kinds import Kind
from artifacts.matching import among, contains, overlaps

MOST_OPTIONS = 100


class Filters(msgspec.Struct, frozen=True, kw_only=True):
    """What records are asked for."""

    organization_id: UUID
    search: str = ""
    department_ids: list[UUID] | None = None


class Option(msgspec.Struct, frozen=True):
    """A department and how many records it has."""

    id: UUID
    name: str
    count: int


async def page(session: AsyncSession, kind: Kind, filters: Filters, wanted: Page) -> Slice[Any]:
    """A page of records by name."""
    model = kind.model
    statement = select(model).where(_conditions(kind, filters)).order_by(model.name, model.id)
    return await page_of(session, statement, wanted)


async def one(session: AsyncSession, kind: Kind, organization_id: UUID, identifier: UUID) -> Any:
    """A record. Raises NotFound."""
    found = (
        await session.scalars(select(kind.model).where(_live(kind, organization_id), kind.model.id == identifier))
    ).one_or_none()
    if found is None:
        raise NotFound
    return found


async def uses(
    session: AsyncSession, kind: Kind, organization_id: UUID, identifiers: Sequence[UUID]
) -> dict[UUID, int]:
    """How many cohorts have each of some records; asked once for a page."""
    if not identifiers:
        return {}
    values = {"organization_id": organization_id, "ids": list(identifiers)}
    return {row[0]: row[1] for row in await session.execute(kind.used, values)}


async def departments(session: AsyncSession, kind: Kind, filters: Filters, search: str) -> list[Option]:
    """Departments of the found records, this filter left out; selected ones in any case."""
    found = select(func.unnest(kind.model.department_ids).label("id"))
    found = found.where(_conditions(kind, msgspec.structs.replace(filters, department_ids=None))).subquery()
    counted = select(found.c.id, func.count().label("times")).group_by(found.c.id).subquery()
    shown = counted.c.times.is_not(None)
    if search:
        shown = and_(shown, contains(Group.name, search))
    if filters.department_ids:
        shown = or_(shown, among(Group.id, filters.department_ids))
    times = func.coalesce(counted.c.times, 0)
    statement = (
        select(Group.id, Group.name, times)
        .outerjoin(counted, counted.c.id == Group.id)
        .where(is_department(filters.organization_id), shown)
        .order_by(times.desc(), Group.name, Group.id)
        .limit(MOST_OPTIONS + len(filters.department_ids or ()))
    )
    return [Option(*row) for row in (await session.execute(statement))]


def _live(kind: Kind, organization_id: UUID) -> ColumnElement[bool]:
    return and_(kind.model.organization_id == organization_id, kind.model.deleted_at.is_(None))


def _conditions(kind: Kind, filters: Filters) -> ColumnElement[bool]:
    needed = [_live(kind, filters.organization_id)]
    if filters.search:
        model = kind.model
        needed.append(or_(contains(model.name, filters.search), contains(model.description, filters.search)))
    if filters.department_ids:
        needed.append(overlaps(kind.model.department_ids, filters.department_ids))
    return and_(*needed)
