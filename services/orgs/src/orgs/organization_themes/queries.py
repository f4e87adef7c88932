"""Reading themes."""

import operator
from typing import Any
from uuid import UUID

from chassis.principal import Principal
from database import rows_of
from jsonapi import comparators
from kernel import NotFound, Slice
from sqlalchemy import Select, func, select, true
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from orgs.access.queries import Reach, reach_of, readable_organizations
from orgs.organization_themes.models import Theme
from orgs.organization_themes.schemas import Author, ThemeAttributes, ThemeQuery
from orgs.organizations.models import Organization
from orgs.people.models import Person

SIGNS: dict[str, Any] = {">": operator.gt, "<": operator.lt, ">=": operator.ge, "<=": operator.le}
Creator, Changer = aliased(Person), aliased(Person)


async def read(session: AsyncSession, principal: Principal, theme_id: UUID) -> ThemeAttributes:
    """One theme that the caller may read. Raises NotFound."""
    reach = await reach_of(session, principal)
    row = (await session.execute(_rows().where(Theme.id == theme_id, _readable(reach)))).first()
    if row is None:
        raise NotFound
    return _attributes(row, named=reach.support or reach.everything)


async def list_(session: AsyncSession, principal: Principal, query: ThemeQuery) -> Slice[tuple[UUID, ThemeAttributes]]:
    """A page of themes: all for the operator's staff, else those of organizations that the caller may read."""
    reach = await reach_of(session, principal)
    statement = _rows().where(_readable(reach), *_filters(query))
    named, ordered = reach.support or reach.everything, statement.order_by(Theme.id)
    return await rows_of(session, ordered, query.page, lambda row: (row.id, _attributes(row, named=named)))


async def require_active(session: AsyncSession, theme_id: UUID, pointer: str) -> None:
    """Raise NotFound naming `pointer` unless organizations may take the theme. It stays until the transaction ends."""
    statement = select(Theme.id).where(Theme.id == theme_id, Theme.is_active).with_for_update(key_share=True, read=True)
    if await session.scalar(statement) is None:
        raise NotFound("There is no such theme.", pointer=pointer)


def _readable(reach: Reach) -> Any:
    if reach.support or reach.everything:
        return true()
    used = select(Organization.theme_id).where(readable_organizations(reach, Organization.id))
    return Theme.id.in_(used)


def _filters(query: ThemeQuery) -> list[Any]:
    found: list[Any] = [] if query.include_inactive else [Theme.is_active]
    if query.domain is not None:
        found.append(Theme.domain == query.domain.lower())
    if query.support_email is not None:
        found.append(func.lower(Theme.support_email) == query.support_email.lower())
    for sign, time in comparators(query.modified, "filter[cmp-last-modified-time]"):
        found.append(SIGNS[sign](Theme.updated_at, time))
    return found


def _rows() -> Select[*tuple[Any, ...]]:
    return (
        select(
            Theme.id,
            Theme.domain,
            Theme.support_email,
            Theme.support_email_name,
            Theme.is_active,
            Theme.created_at,
            Theme.updated_at,
            Theme.created_by,
            Theme.updated_by,
            Creator.first_name.label("creator_first"),
            Creator.last_name.label("creator_last"),
            Changer.first_name.label("changer_first"),
            Changer.last_name.label("changer_last"),
        )
        .outerjoin(Creator, Creator.user_id == Theme.created_by)
        .outerjoin(Changer, Changer.user_id == Theme.updated_by)
    )


def _attributes(row: Any, *, named: bool) -> ThemeAttributes:
    return ThemeAttributes(
        domain=row.domain,
        support_email=row.support_email,
        support_email_name=row.support_email_name,
        is_active=row.is_active,
        created_by=_author(row.created_by, row.creator_first, row.creator_last, named=named),
        created_time=row.created_at,
        last_modified_by=_author(row.updated_by, row.changer_first, row.changer_last, named=named),
        last_modified_time=row.updated_at,
    )


def _author(user_id: UUID | None, first: str | None, last: str | None, *, named: bool) -> Author | None:
    if user_id is None:
        return None
    return Author(user_id, first if named else None, last if named else None)
