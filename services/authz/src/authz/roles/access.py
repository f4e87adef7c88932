"""Who may see and change roles, by this service's own rows: what was just granted or taken counts at once."""

from uuid import UUID

from chassis.principal import Principal
from contracts.permissions import ROLE_IDS, role_id
from kernel import Forbidden, NotFound
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from authz.roles.models import Role

STANDING = text("""
SELECT coalesce(bool_or(roles.name = 'org.admin'), false) AS admin,
       count(*) > 0 OR EXISTS (
           SELECT FROM organization_staff WHERE organization_id = :organization_id AND user_id = :user_id) AS staff
FROM role_users JOIN roles ON roles.id = role_users.role_id
WHERE role_users.user_id = :user_id AND roles.organization_id = :organization_id
""")
ORGANIZATION_ROLES = {identifier: name for name, identifier in ROLE_IDS.items() if name.startswith("org.")}


async def role_to_read(session: AsyncSession, principal: Principal, identifier: UUID, **where: str) -> Role:
    """A role that the caller may see: staff see their organization's, the operator's staff and services every one.

    The fixed ids of org.admin and org.member stand for those of the caller's current organization. Raises NotFound.
    """
    role = await session.get(Role, _real(principal, identifier))
    if role is None:
        raise NotFound("There is no such role.", **where)
    if not _sees_all(principal):
        await require_staff(session, principal, role.organization_id, **where)
    return role


async def role_to_change(session: AsyncSession, principal: Principal, identifier: UUID, **where: str) -> Role:
    """A role whose users the caller may change: its organization's admins, the operator. Raises NotFound, Forbidden."""
    role = await role_to_read(session, principal, identifier, **where)
    await require_admin(session, principal, role.organization_id, **where)
    return role


async def require_staff(session: AsyncSession, principal: Principal, place: UUID | None, **where: str) -> None:
    """Raises NotFound for who is not staff of the organization."""
    if not _sees_all(principal) and not (await _standing(session, principal, place))[1]:
        raise NotFound(**where)


async def require_admin(session: AsyncSession, principal: Principal, place: UUID | None, **where: str) -> None:
    """Raises NotFound for strangers and Forbidden for staff who are not the organization's admin."""
    if principal.is_operator:
        return
    admin, staff = await _standing(session, principal, place)
    if admin:
        return
    if staff or principal.is_support or principal.service:
        raise Forbidden("Only administrators of the organization may do this.")
    raise NotFound(**where)


async def _standing(session: AsyncSession, principal: Principal, organization_id: UUID | None) -> tuple[bool, bool]:
    if organization_id is None or principal.user_id is None:
        return False, False
    values = {"organization_id": organization_id, "user_id": principal.user_id}
    row = (await session.execute(STANDING, values)).one()
    return row.admin, row.staff


def _sees_all(principal: Principal) -> bool:
    return principal.service is not None or principal.is_support


def _real(principal: Principal, identifier: UUID) -> UUID:
    name = ORGANIZATION_ROLES.get(identifier)
    return role_id(name, principal.organization_id) if name and principal.organization_id else identifier
