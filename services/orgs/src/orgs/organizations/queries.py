"""Reading organizations."""

import operator
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from chassis.principal import Principal
from chassis.runtime import Runtime
from database import rows_of
from jsonapi import comparators
from kernel import NotFound, Slice
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from orgs.access.queries import organization_allows, reach_of, readable_organizations
from orgs.organizations.models import Organization
from orgs.organizations.pictures import SIZES
from orgs.organizations.schemas import OrganizationAttributes, OrganizationQuery

READ = """
SELECT o.authorization_type, o.classification, o.display_name, o.is_active, o.updated_at,
       o.logo_id, o.name, o.number, o.provider_type, o.theme_id, o.timezone, o.created_at,
       m.account_type, 'org.admin' = ANY(m.roles)
FROM organizations o LEFT JOIN memberships m ON m.organization_id = o.id AND m.user_id = $1
WHERE o.id = $2
"""
EXISTS = text("SELECT true FROM organizations WHERE id = :id")
COLUMNS = (
    Organization.authorization_type,
    Organization.classification,
    Organization.display_name,
    Organization.is_active,
    Organization.updated_at,
    Organization.logo_id,
    Organization.name,
    Organization.number,
    Organization.provider_type,
    Organization.theme_id,
    Organization.timezone,
    Organization.created_at,
)
SORTED: dict[str, Any] = {
    "created-time": Organization.created_at,
    "last-modified-time": Organization.updated_at,
    "name": Organization.name,
    "number": Organization.number,
}
SIGNS: dict[str, Any] = {">": operator.gt, "<": operator.lt, ">=": operator.ge, "<=": operator.le}


async def exists(session: AsyncSession, organization_id: UUID) -> bool:
    """Whether there is such an organization."""
    return (await session.execute(EXISTS, {"id": organization_id})).first() is not None


async def read(runtime: Runtime, principal: Principal, organization_id: UUID) -> OrganizationAttributes:
    """One organization, in one statement that also tells whether the caller may read it; no session is opened."""
    row = await runtime.row(READ, principal.user_id, organization_id)
    if row is None or principal.bound_to not in {None, organization_id}:
        raise NotFound
    *values, account_type, admin = row
    organization_allows(principal, account_type, admin, "read")
    return _attributes(runtime, organization_id, values)


async def list_(
    session: AsyncSession, principal: Principal, runtime: Runtime, query: OrganizationQuery
) -> Slice[tuple[UUID, OrganizationAttributes]]:
    """A page of the organizations that the caller may read, in the order that is asked for."""
    reach = await reach_of(session, principal)
    statement = select(Organization.id, *COLUMNS).where(readable_organizations(reach, Organization.id))
    if not query.include_inactive:
        statement = statement.where(Organization.is_active)
    if query.name is not None:
        statement = statement.where(Organization.name == query.name)
    if query.name_contains:
        statement = statement.where(Organization.name.icontains(query.name_contains, autoescape=True))
    for sign, time in comparators(query.modified, "filter[cmp-last-modified-time]"):
        statement = statement.where(SIGNS[sign](Organization.updated_at, time))
    column = SORTED[query.sort.removeprefix("-")]
    order = (column.desc(), Organization.id.desc()) if query.sort.startswith("-") else (column, Organization.id)
    ordered = statement.order_by(*order)
    return await rows_of(session, ordered, query.page, lambda row: (row[0], _attributes(runtime, row[0], row[1:])))


async def attributes(session: AsyncSession, runtime: Runtime, organization_id: UUID) -> OrganizationAttributes:
    """One organization for whoever has been let through already."""
    row = (await session.execute(select(*COLUMNS).where(Organization.id == organization_id))).one()
    return _attributes(runtime, organization_id, row)


def logo_url(runtime: Runtime, organization_id: UUID, logo_id: UUID, size: str) -> str:
    """The public address of a logo."""
    return f"{runtime.common.public_url}/v1/organizations/{organization_id}/logo/?size={size}&version={logo_id}"


def _attributes(runtime: Runtime, organization_id: UUID, row: Sequence[Any]) -> OrganizationAttributes:
    """Of a row of COLUMNS; the sixth is the logo."""
    logo_id = row[5]
    urls = {size: logo_url(runtime, organization_id, logo_id, size) for size in SIZES} if logo_id else None
    values: list[Any] = [*row[:5], logo_id is not None, *row[6:11], urls, row[11]]
    return OrganizationAttributes(*values)
