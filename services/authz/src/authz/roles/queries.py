"""Reading roles."""

from uuid import UUID

from chassis.principal import Principal
from database import count_of
from kernel import Slice
from sqlalchemy import Select, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from authz.base_facts.models import Organization, OrganizationStaff
from authz.roles.access import require_staff
from authz.roles.models import Role, RoleUser
from authz.roles.schemas import OrganizationSummary, RoleAttributes, RolesQuery


async def page_of_roles(
    session: AsyncSession, principal: Principal, asked: RolesQuery
) -> Slice[tuple[UUID, RoleAttributes]]:
    """The roles that the caller may see. Raises NotFound for an organization whose staff they are not."""
    statement = select(Role, Organization).join(Organization, Role.organization_id == Organization.id, isouter=True)
    if asked.organization_id is not None:
        await require_staff(session, principal, asked.organization_id, parameter="organization-id")
        statement = statement.where(Role.organization_id == asked.organization_id)
    elif principal.service is None and not principal.is_support:
        statement = _of_staff(statement, principal.user_id)
    if asked.name is not None:
        statement = statement.where(Role.name == asked.name)
    total = await count_of(session, statement.with_only_columns(Role.id))
    page = statement.order_by(Role.organization_id.nulls_first(), Role.name).limit(asked.limit).offset(asked.offset)
    rows = (await session.execute(page)).all()
    return Slice([(role.id, role_attributes(role, place)) for role, place in rows], total, asked.page)


async def attributes_of(session: AsyncSession, role: Role) -> RoleAttributes:
    """One role as it goes out."""
    place = await session.get(Organization, role.organization_id) if role.organization_id else None
    return role_attributes(role, place)


def role_attributes(role: Role, organization: Organization | None) -> RoleAttributes:
    """A role as it goes out. The names of an organization that was not heard of yet are empty."""
    place = role.organization_id
    names = (organization.name, organization.display_name) if organization else ("", "")
    summary = OrganizationSummary(place, *names) if place else None
    return RoleAttributes(role.name, role.display_name, place, summary)


def _of_staff(statement: Select[Role, Organization], user_id: UUID | None) -> Select[Role, Organization]:
    """Roles of the organizations in which the user has a role or is staff."""
    added = select(OrganizationStaff.organization_id).where(OrganizationStaff.user_id == user_id)
    given = select(Role.organization_id).join(RoleUser, RoleUser.role_id == Role.id).where(RoleUser.user_id == user_id)
    return statement.where(or_(Role.organization_id.in_(added), Role.organization_id.in_(given)))
