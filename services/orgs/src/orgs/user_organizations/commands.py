"""Changing who belongs to an organization."""

from typing import Any
from uuid import UUID

from chassis.principal import Principal
from chassis.runtime import Runtime
from contracts.orgs import OrganizationUserAdded, OrganizationUserRemoved
from kernel import Conflict, NotFound, uuid7
from messaging import publish
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from orgs.access.locks import forest_alone
from orgs.access.queries import require_organization
from orgs.individual_groups.commands import forget_staff
from orgs.people import commands as people
from orgs.user_organizations.schemas import NewMembership

MEMBER = "org.member"

FIND = text("SELECT organization_id, user_id FROM memberships WHERE id = :id")
ADD_STAFF = text("""
INSERT INTO memberships AS known (id, organization_id, user_id, account_type, roles)
VALUES (:id, :organization_id, :user_id, 'provider', ARRAY[CAST(:role AS text)])
ON CONFLICT (user_id, organization_id) DO UPDATE
    SET account_type = 'provider', roles = known.roles || excluded.roles, updated_at = clock_timestamp()
    WHERE known.account_type <> 'provider' OR (:named AND NOT known.roles @> excluded.roles)
RETURNING individual_id
""")
ADD_PARTICIPANT = text("""
INSERT INTO memberships AS known (id, organization_id, user_id, account_type, individual_id)
VALUES (:id, :organization_id, :user_id, 'patient', :individual_id)
ON CONFLICT (user_id, organization_id) DO UPDATE
    SET individual_id = excluded.individual_id, updated_at = clock_timestamp()
    WHERE known.individual_id IS NULL
RETURNING account_type, roles
""")
OTHER_ADMINS = text("""
SELECT count(*) FILTER (WHERE user_id <> :user_id) AS others, coalesce(bool_or(user_id = :user_id), false) AS is_one
FROM memberships WHERE organization_id = :organization_id AND 'org.admin' = ANY(roles)
""")
REMOVE = text("DELETE FROM memberships WHERE organization_id = :organization_id AND user_id = :user_id RETURNING id")
DROP_ROLE = text("""
UPDATE memberships SET roles = array_remove(roles, :role), updated_at = clock_timestamp()
WHERE organization_id = :organization_id AND user_id = :user_id AND :role = ANY(roles)
""")


async def create(session: AsyncSession, principal: Principal, runtime: Runtime, new: NewMembership) -> None:
    """Make a person staff of an organization, as org.member."""
    pointer = "/data/attributes"
    await require_organization(session, principal, new.organization_id, "write", f"{pointer}/organization-id")
    user_id = await people.known(session, runtime, new.user_id, f"{pointer}/user-id")
    await add_staff(session, new.organization_id, user_id, None)


async def delete(session: AsyncSession, principal: Principal, membership_id: UUID) -> None:
    """Take a person out, by the membership. Raises NotFound, Forbidden, or Conflict for the last administrator."""
    row = (await session.execute(FIND, {"id": membership_id})).first()
    if row is None:
        raise NotFound
    await require_organization(session, principal, row.organization_id, "write")
    await remove(session, principal, row.organization_id, row.user_id, "")


async def add_staff(session: AsyncSession, organization_id: UUID, user_id: UUID, role: str | None) -> bool:
    """Make a user staff. Without a role: org.member for who is not staff yet. Says whether anything changed."""
    place = {"organization_id": organization_id, "user_id": user_id}
    values: dict[str, Any] = {"id": uuid7(), "role": role or MEMBER, "named": role is not None}
    changed = (await session.execute(ADD_STAFF, place | values)).first()
    if changed is None:
        return False
    added = OrganizationUserAdded(
        **place, account_type="provider", role=values["role"], individual_id=changed.individual_id
    )
    await publish(session, added)
    return True


async def add_participant(session: AsyncSession, organization_id: UUID, user_id: UUID, individual_id: UUID) -> bool:
    """Let a user in as a participant. Who is staff stays staff. Says whether anything changed."""
    place = {"organization_id": organization_id, "user_id": user_id, "individual_id": individual_id}
    changed = (await session.execute(ADD_PARTICIPANT, {"id": uuid7(), **place})).first()
    if changed is None:
        return False
    role = changed.roles[0] if changed.roles else None
    await publish(session, OrganizationUserAdded(**place, account_type=changed.account_type, role=role))
    return True


async def remove(
    session: AsyncSession, principal: Principal | None, organization_id: UUID, user_id: UUID, pointer: str
) -> None:
    """Take a user out, and of the groups they lead or are members of.

    Raises NotFound, or Conflict for the last administrator.
    """
    await forest_alone(session, organization_id)
    place = {"organization_id": organization_id, "user_id": user_id}
    admins = (await session.execute(OTHER_ADMINS, place)).one()
    if admins.is_one and not admins.others:
        raise Conflict("The last administrator of an organization stays.", pointer=pointer, code="last-admin")
    if (await session.execute(REMOVE, place)).first() is None:
        raise NotFound("There is no such person in the organization.", pointer=pointer)
    await forget_staff(session, principal.user_id if principal else None, organization_id, user_id)
    await publish(session, OrganizationUserRemoved(**place))


async def drop_role(session: AsyncSession, organization_id: UUID, user_id: UUID, role: str) -> None:
    """Take note that a user has lost a role; they stay staff."""
    await session.execute(DROP_ROLE, {"organization_id": organization_id, "user_id": user_id, "role": role})
