"""Reading departments."""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, select
from sqlalchemy.ext.asyncio import AsyncSession

from artifacts.departments.models import Group
from artifacts.matching import among


def is_department(organization_id: UUID) -> ColumnElement[bool]:
    """What a group of an organization needs to be a department."""
    return and_(Group.organization_id == organization_id, Group.node_type == "division", Group.is_active)


def departments(organization_id: UUID) -> Select[Group]:
    """An organization's departments by name."""
    return select(Group).where(is_department(organization_id)).order_by(Group.name, Group.id)


async def by_ids(session: AsyncSession, organization_id: UUID, identifiers: Iterable[UUID]) -> list[Group]:
    """Those of some departments that the organization has, by name."""
    wanted = list(set(identifiers))
    if not wanted:
        return []
    return list(await session.scalars(departments(organization_id).where(among(Group.id, wanted))))
