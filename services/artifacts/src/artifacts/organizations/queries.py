"""Which organization a project of the projects dialect is."""

from uuid import UUID

from chassis.principal import Principal
from kernel import NotFound
from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncSession

from artifacts.organizations.models import Organization

LARGEST_NUMBER = 2**63 - 1


async def project(session: AsyncSession, principal: Principal, project_id: str) -> UUID:
    """The organization that `project_id` (number, UUID or `@current`) names.

    It is the one of the caller's token; the operator's staff may name any. Raises NotFound for every other.
    """
    if project_id == "@current" and principal.organization_id is not None:
        return principal.organization_id
    named = _named(project_id)
    if named is None:
        raise NotFound
    found = (await session.execute(select(Organization.id).where(named))).scalar_one_or_none()
    if found is None and project_id == str(principal.organization_id):
        return principal.organization_id  # pyright: ignore[reportReturnType] it is not None: its text was equal
    if found is None or (found != principal.organization_id and not principal.is_support):
        raise NotFound
    return found


def _named(project_id: str) -> ColumnElement[bool] | None:
    if project_id.isascii() and project_id.isdecimal():
        number = int(project_id) if len(project_id) < len(str(LARGEST_NUMBER)) else 0
        return Organization.number == number
    try:
        return Organization.id == UUID(project_id)
    except ValueError:
        return None
