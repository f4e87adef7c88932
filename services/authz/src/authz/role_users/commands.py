"""Giving roles."""

from chassis.principal import Principal
from chassis.runtime import Runtime
from kernel import NotFound
from sqlalchemy.ext.asyncio import AsyncSession

from authz.role_users.queries import RoleUserRow
from authz.role_users.schemas import NewRoleUser
from authz.roles.access import role_to_change
from authz.roles.commands import give, take
from authz.roles.models import RoleUser
from authz.roles.people import emails, resolve
from authz.roles.schemas import PersonReference

LARGEST_NUMBER = 2**63 - 1


async def create(session: AsyncSession, principal: Principal, runtime: Runtime, new: NewRoleUser) -> RoleUserRow:
    """Let a person have a role; doing it twice changes nothing. Raises NotFound, Forbidden or Invalid."""
    role = await role_to_change(session, principal, new.role_id, pointer="/data/attributes/role-id")
    user_id, email = await resolve(session, runtime, PersonReference(user_id=new.user_id, email=new.email))
    given = await give(session, role, user_id)
    return RoleUserRow(given.number, role, user_id, email or (await emails(runtime, [user_id]))[user_id])


async def delete(session: AsyncSession, principal: Principal, number: int) -> None:
    """Take a role from a person. Raises NotFound, Forbidden, or Conflict for the last administrator."""
    given = await session.get(RoleUser, number) if number <= LARGEST_NUMBER else None
    if given is None:
        raise NotFound
    role = await role_to_change(session, principal, given.role_id)
    if not await take(session, role, given.user_id):
        raise NotFound
