"""Giving roles."""

from chassis.principal import Principal
from chassis.runtime import Runtime
from sqlalchemy.ext.asyncio import AsyncSession

from authz.role_users.queries import RoleUserRow
from authz.role_users.schemas import NewRoleUser
from authz.roles.access import role_to_change
from authz.roles.commands import give
from authz.roles.people import emails, resolve
from authz.roles.schemas import PersonReference


async def create(session: AsyncSession, principal: Principal, runtime: Runtime, new: NewRoleUser) -> RoleUserRow:
    """Let a person have a role; doing it twice changes nothing. Raises NotFound, Forbidden or Invalid."""
    role = await role_to_change(session, principal, new.role_id, pointer="/data/attributes/role-id")
    user_id, email = await resolve(session, runtime, PersonReference(user_id=new.user_id, email=new.email))
    given = await give(session, role, user_id)
    return RoleUserRow(given.number, role, user_id, email or (await emails(runtime, [user_id]))[user_id])
