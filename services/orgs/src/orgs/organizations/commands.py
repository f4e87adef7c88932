"""Changing organizations."""

from typing import Any
from uuid import UUID
from zoneinfo import available_timezones

import msgspec
from chassis.principal import Principal
from chassis.runtime import Runtime
from contracts.orgs import OrganizationCreated
from kernel import Invalid, uuid7
from messaging import publish
from msgspec import UNSET
from sqlalchemy import func, insert
from sqlalchemy import update as sql_update
from sqlalchemy.ext.asyncio import AsyncSession

from orgs.access.queries import ADMIN, require_organization
from orgs.individual_groups.commands import create_kept
from orgs.organization_themes import queries as themes
from orgs.organizations.events import updated
from orgs.organizations.models import Organization
from orgs.organizations.queries import attributes
from orgs.organizations.schemas import (
    NewOrganization,
    OrganizationAttributes,
    OrganizationChanges,
    PersonToAdd,
    PersonToRemove,
)
from orgs.people import commands as people
from orgs.user_organizations import commands as memberships
from orgs.user_organizations.roles import role_name

BODY = "/data/attributes"


async def create(
    session: AsyncSession, principal: Principal, runtime: Runtime, new: NewOrganization
) -> tuple[UUID, OrganizationAttributes]:
    """Make an organization with the two groups that the platform keeps; its creator becomes its administrator."""
    _check_timezone(new.timezone)
    organization_id = uuid7()
    values = {**msgspec.structs.asdict(new), "display_name": new.display_name or new.name}
    statement = insert(Organization).values(id=organization_id, created_by=principal.user_id, **values)
    number = (await session.execute(statement.returning(Organization.number))).scalar_one()
    made = OrganizationCreated(
        organization_id=organization_id,
        number=number,
        name=values["name"],
        display_name=values["display_name"],
        created_by=principal.user_id,
        timezone=new.timezone,
    )
    await publish(session, made)
    await create_kept(session, organization_id)
    if principal.user_id is not None:
        await memberships.add_staff(session, organization_id, principal.user_id, ADMIN)
    return organization_id, await attributes(session, runtime, organization_id)


async def update(
    session: AsyncSession, principal: Principal, runtime: Runtime, organization_id: UUID, changes: OrganizationChanges
) -> OrganizationAttributes:
    """Change what is given."""
    await require_organization(session, principal, organization_id, "write")
    values: dict[str, Any] = {
        name: value for name, value in msgspec.structs.asdict(changes).items() if value is not UNSET
    }
    if "timezone" in values:
        _check_timezone(values["timezone"])
    if values.get("theme_id") is not None:
        await themes.require_active(session, values["theme_id"], f"{BODY}/theme-id")
    if values:
        values["updated_at"] = func.clock_timestamp()
        await session.execute(sql_update(Organization).where(Organization.id == organization_id).values(values))
        await publish(session, await updated(session, organization_id))
    return await attributes(session, runtime, organization_id)


async def add_user(
    session: AsyncSession, principal: Principal, runtime: Runtime, organization_id: UUID, who: PersonToAdd
) -> None:
    """Make a person staff, with a role (org.member unless another is named). Twice changes nothing."""
    await require_organization(session, principal, organization_id, "write")
    role = await role_name(runtime, organization_id, who.role_id, f"{BODY}/role-id")
    user_id = await _person(session, runtime, who.user_id, who.email)
    await memberships.add_staff(session, organization_id, user_id, role)


async def remove_user(
    session: AsyncSession, principal: Principal, runtime: Runtime, organization_id: UUID, who: PersonToRemove
) -> None:
    """Take a person out of the organization, and of its groups as leader and member."""
    await require_organization(session, principal, organization_id, "write")
    if who.user_id is not None and who.email is None:
        await memberships.remove(session, principal, organization_id, who.user_id, f"{BODY}/user-id")
        return
    user_id = await _person(session, runtime, who.user_id, who.email)
    await memberships.remove(session, principal, organization_id, user_id, f"{BODY}/email")


async def _person(session: AsyncSession, runtime: Runtime, user_id: UUID | None, email: str | None) -> UUID:
    if (user_id is None) == (email is None):
        raise Invalid("Give either user-id or email.", pointer=BODY)
    if user_id is not None:
        return await people.known(session, runtime, user_id, f"{BODY}/user-id")
    return await people.by_email(session, runtime, email or "", f"{BODY}/email")


def _check_timezone(name: str) -> None:
    if name not in available_timezones():
        raise Invalid("There is no such time zone.", pointer=f"{BODY}/timezone")
