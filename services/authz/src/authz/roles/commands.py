"""Making roles and giving them. Every change of an assignment is announced, whoever caused it."""

from uuid import UUID

from chassis.principal import Principal
from chassis.runtime import Runtime
from contracts.authz import RoleCreated, RoleDeleted, RoleUserAdded, RoleUserRemoved
from contracts.permissions import role_id
from kernel import Conflict, NotFound
from messaging import publish
from sqlalchemy import delete as sql_delete
from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from authz.access_grants.commands import remove_of
from authz.base_facts.models import User
from authz.roles.access import require_admin, role_to_change
from authz.roles.models import Role, RoleUser
from authz.roles.people import resolve
from authz.roles.schemas import NewRole, PersonReference

ADMIN, MEMBER = "org.admin", "org.member"
BUILT_IN = {ADMIN: "Administrator", MEMBER: "Member"}


async def ensure(session: AsyncSession, organization_id: UUID, name: str, display_name: str = "") -> Role:
    """The organization's role of that name, made if it was not there. Nobody deletes it before the transaction ends."""
    identifier = role_id(name, organization_id)
    values = {
        "id": identifier,
        "name": name,
        "display_name": display_name or BUILT_IN.get(name, name),
        "organization_id": organization_id,
    }
    kept = select(Role).where(Role.id == identifier).with_for_update(read=True, key_share=True)
    while (role := await session.scalar(kept)) is None:  # again where it was deleted between the two statements
        made = await session.scalar(insert(Role).values(values).on_conflict_do_nothing().returning(Role.id))
        if made is not None:
            await publish(session, RoleCreated(role_id=identifier, name=name, organization_id=organization_id))
    return role


async def give(session: AsyncSession, role: Role, user_id: UUID) -> RoleUser:
    """Let a user have a role; giving it twice changes nothing."""
    statement = insert(RoleUser).values(role_id=role.id, user_id=user_id).on_conflict_do_nothing()
    if await session.scalar(statement.returning(RoleUser.number)) is not None:
        await publish(session, _given(role, user_id))
    found = select(RoleUser).where(RoleUser.role_id == role.id, RoleUser.user_id == user_id)
    return (await session.scalars(found)).one()


async def take(session: AsyncSession, role: Role, user_id: UUID, *, last_admin: bool = False) -> bool:
    """Take a role from a user; says whether they had it. Raises Conflict for an organization's last administrator.

    `last_admin` allows that one too: the organization has decided it.
    """
    if role.name in {ADMIN, "system.admin"} and not last_admin:
        await _refuse_last(session, role, user_id)
    gone = (
        sql_delete(RoleUser).where(RoleUser.role_id == role.id, RoleUser.user_id == user_id).returning(RoleUser.number)
    )
    if await session.scalar(gone) is None:
        return False
    await publish(
        session,
        RoleUserRemoved(role_id=role.id, name=role.name, user_id=user_id, organization_id=role.organization_id),
    )
    return True


async def take_all(session: AsyncSession, organization_id: UUID, user_id: UUID) -> None:
    """Take every role of an organization from a user who has left it, but org.admin from its last administrator.

    orgs refuses to remove the last administrator by its own copy of the roles, which may be behind: two administrators
    can be taken out at once, one there and one here. This service's rows decide. Whoever turns out to be the last one
    keeps the role and is announced again, and orgs takes them in again. A disabled user is no administrator to keep.
    """
    had = (
        select(Role)
        .join(RoleUser, RoleUser.role_id == Role.id)
        .where(Role.organization_id == organization_id, RoleUser.user_id == user_id)
        .order_by(Role.id)
    )
    for role in (await session.scalars(had)).all():
        try:
            await take(session, role, user_id, last_admin=await _is_disabled(session, user_id))
        except Conflict:
            await publish(session, _given(role, user_id))


def _given(role: Role, user_id: UUID) -> RoleUserAdded:
    return RoleUserAdded(role_id=role.id, name=role.name, user_id=user_id, organization_id=role.organization_id)


async def _is_disabled(session: AsyncSession, user_id: UUID) -> bool:
    return bool(await session.scalar(select(User.disabled).where(User.id == user_id)))


async def _refuse_last(session: AsyncSession, role: Role, user_id: UUID) -> None:
    """Two administrators who take the role from each other at once wait for one another here."""
    await session.execute(select(Role.id).where(Role.id == role.id).with_for_update())
    others = select(func.count()).select_from(RoleUser).where(RoleUser.role_id == role.id, RoleUser.user_id != user_id)
    is_one = select(RoleUser.number).where(RoleUser.role_id == role.id, RoleUser.user_id == user_id)
    if not await session.scalar(others) and await session.scalar(is_one) is not None:
        raise Conflict("The last administrator keeps the role.", code="last-admin")


async def create(session: AsyncSession, principal: Principal, new: NewRole) -> Role:
    """Make a role in an organization. Raises NotFound, Forbidden, or Conflict where the name is taken."""
    await require_admin(session, principal, new.organization_id, pointer="/data/attributes/organization-id")
    if await session.get(Role, role_id(new.name, new.organization_id)) is not None or new.name in BUILT_IN:
        raise Conflict("The organization has such a role.", pointer="/data/attributes/name", code="name-taken")
    return await ensure(session, new.organization_id, new.name, new.display_name)


async def add_user(
    session: AsyncSession, principal: Principal, runtime: Runtime, identifier: UUID, person: PersonReference
) -> None:
    """Let a person have a role. Raises NotFound, Forbidden or Invalid."""
    role = await role_to_change(session, principal, identifier)
    user_id, _ = await resolve(session, runtime, person)
    await give(session, role, user_id)


async def remove_user(
    session: AsyncSession, principal: Principal, runtime: Runtime, identifier: UUID, person: PersonReference
) -> None:
    """Take a role from a person. Raises NotFound, Forbidden, Invalid, or Conflict for the last administrator."""
    role = await role_to_change(session, principal, identifier)
    user_id = person.user_id or (await resolve(session, runtime, person))[0]
    if not await take(session, role, user_id):
        raise NotFound("The person does not have the role.", pointer="/data/attributes/user-id")


async def delete(session: AsyncSession, principal: Principal, identifier: UUID) -> None:
    """Delete a role that an organization made and nobody has, and the grants for it.

    Raises NotFound, Forbidden, or Conflict for a role of the platform's own and one that somebody has.
    """
    role = await role_to_change(session, principal, identifier)
    if role.organization_id is None or role.name in BUILT_IN:
        raise Conflict("This role belongs to the platform.", code="built-in-role")
    await session.execute(select(Role.id).where(Role.id == role.id).with_for_update())
    if await session.scalar(select(RoleUser.number).where(RoleUser.role_id == role.id).limit(1)) is not None:
        raise Conflict("Somebody has this role; take it from them first.", code="role-in-use")
    await remove_of(session, "role", role.id)
    await session.delete(role)
    await session.flush()
    await publish(session, RoleDeleted(role_id=role.id, name=role.name, organization_id=role.organization_id))
