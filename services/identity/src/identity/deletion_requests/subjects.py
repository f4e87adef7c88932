"""Whom a deletion request is about, and who may ask for it."""

from uuid import UUID

import msgspec
from chassis.principal import Principal
from chassis.runtime import Runtime
from kernel import Conflict, Forbidden, Invalid, NotFound
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from identity import individuals
from identity.deletion_requests.schemas import NewDeletionRequest
from identity.users import queries as users
from identity.users.models import User, UserOrganization, UserRole
from identity.users.visibility import admin_of, administers

AT = "/data/attributes"
SOLE_ADMIN = text("""
    WITH admins AS (
        SELECT organization_id, user_id FROM user_organizations WHERE role = 'org.admin'
         UNION
        SELECT organization_id, user_id FROM user_roles WHERE name = 'org.admin' AND organization_id IS NOT NULL)
    SELECT EXISTS (SELECT FROM admins a WHERE a.user_id = :user_id AND NOT EXISTS (
        SELECT FROM admins b WHERE b.organization_id = a.organization_id AND b.user_id <> a.user_id))
""")


class Subject(msgspec.Struct, frozen=True, kw_only=True):
    """Whom to erase. `user` is the login where there is one; `stays` says that it is used otherwise and stays."""

    user: User | None
    stays: bool
    individual_ids: list[UUID]
    organization_ids: list[UUID]
    email: str | None = None


async def find(runtime: Runtime, session: AsyncSession, principal: Principal, asked: NewDeletionRequest) -> Subject:
    """Whom a request means, their login held. Raises Invalid, NotFound, Forbidden, Conflict or Unavailable."""
    if asked.type == "user":
        if asked.user_id is None:
            raise Invalid("Say which user.", pointer=f"{AT}/user-id", code="required")
        found = await _of_user(session, principal, asked.user_id)
    else:
        found = await of_individual(runtime, session, principal, await _individual_id(session, principal, asked))
    if found.user is not None and not found.stays:
        await _check_dispensable(session, found.user.id)
    return found


async def _individual_id(session: AsyncSession, principal: Principal, asked: NewDeletionRequest) -> UUID:
    if asked.individual_id is not None:
        return asked.individual_id
    if asked.user_id is None:
        raise Invalid("Say which individual.", pointer=f"{AT}/individual-id", code="required")
    user = await users.read(session, principal, asked.user_id)
    if user.primary_individual_id is None:
        raise Invalid("The user is no individual.", pointer=f"{AT}/user-id", code="no-individual")
    return user.primary_individual_id


async def _of_user(session: AsyncSession, principal: Principal, user_id: UUID) -> Subject:
    """A login and the individuals who are that person."""
    user = await users.read(session, principal, user_id, lock=True)
    belongings = await _belongings(session, user.id)
    if not await _may(session, principal, user, belongings):
        raise Forbidden("This takes the person, an administrator of the participant's organizations, or the operator.")
    own = [user.primary_individual_id, *(one.individual_id for one in belongings)]
    return Subject(
        user=user,
        stays=False,
        individual_ids=list(dict.fromkeys(one for one in own if one is not None)),
        organization_ids=[one.organization_id for one in belongings],
    )


async def of_individual(runtime: Runtime, session: AsyncSession, principal: Principal, individual_id: UUID) -> Subject:
    """An individual, and their own login unless it has another use."""
    known = await individuals.fetch(runtime, individual_id)
    of_organization = [known.organization_id] if known.organization_id else []
    user = None
    if known.user_id is not None:
        user = (await session.scalars(select(User).where(User.id == known.user_id).with_for_update())).first()
    belongings = await _belongings(session, user.id) if user else []
    allowed = (
        principal.is_operator
        or principal.user_id in {known.user_id, known.owner_id}
        or (known.organization_id is not None and await admin_of(session, principal.user_id, known.organization_id))
    )
    if principal.user_id is None or not allowed:
        raise NotFound(pointer=f"{AT}/individual-id")
    elsewhere = [one for one in belongings if one.account_type == "provider" or one.individual_id != individual_id]
    return Subject(
        user=user,
        stays=user is not None and (user.account_type == "provider" or bool(elsewhere)),
        individual_ids=[individual_id],
        organization_ids=of_organization,
        email=known.email,
    )


async def _belongings(session: AsyncSession, user_id: UUID) -> list[UserOrganization]:
    found = select(UserOrganization).where(UserOrganization.user_id == user_id)
    return list(await session.scalars(found.order_by(UserOrganization.organization_id)))


async def _may(session: AsyncSession, principal: Principal, user: User, belongings: list[UserOrganization]) -> bool:
    """The person; the operator; administrators of all organizations of somebody who is a participant everywhere."""
    if principal.is_operator or principal.user_id == user.id:
        return True
    participant = all(one.account_type == "patient" for one in belongings)
    return participant and await administers(session, principal, user.id)


async def _check_dispensable(session: AsyncSession, user_id: UUID) -> None:
    system = select(UserRole.id).where(UserRole.user_id == user_id, UserRole.organization_id.is_(None))
    if await session.scalar(system.where(UserRole.name == "system.admin").limit(1)) is not None:
        raise Conflict("An operator's account is not erased before the role is taken from it.", code="operator")
    if await session.scalar(SOLE_ADMIN, {"user_id": user_id}):
        raise Conflict("The last administrator of an organization stays; name another one first.", code="last-admin")
