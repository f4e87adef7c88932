"""Reading who has a role."""

from typing import NamedTuple
from uuid import UUID

from chassis.principal import Principal
from chassis.runtime import Runtime
from database import page_of
from kernel import Slice
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from authz.role_users.schemas import RoleUsersQuery
from authz.roles.access import role_to_read
from authz.roles.models import Role, RoleUser
from authz.roles.people import emails


class RoleUserRow(NamedTuple):
    """A user has a role; the e-mail comes from identity."""

    number: int
    role: Role
    user_id: UUID
    email: str | None


async def page_of_users(
    session: AsyncSession, principal: Principal, runtime: Runtime, asked: RoleUsersQuery
) -> Slice[RoleUserRow]:
    """The users of a role by the time they got it. Raises NotFound."""
    role = await role_to_read(session, principal, asked.role_id, parameter="role-id")
    statement = select(RoleUser).where(RoleUser.role_id == role.id).order_by(RoleUser.number)
    found = await page_of(session, statement, asked.page)
    known = await emails(runtime, [row.user_id for row in found.rows])
    rows = [RoleUserRow(row.number, role, row.user_id, known[row.user_id]) for row in found.rows]
    return Slice(rows, found.total, found.page)
