"""Reading second factors."""

from typing import Any, NamedTuple
from uuid import UUID

from chassis.principal import Principal
from database import page_of
from kernel import Forbidden, NotFound, Slice
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from identity.mfa_totp.models import RecoveryCode, TotpConfiguration
from identity.mfa_totp.schemas import TotpQuery
from identity.users import queries as users
from identity.users.models import User, UserRole
from identity.users.visibility import administers
from identity.vault import Vault


class Owned(NamedTuple):
    """A configuration and whose it is."""

    row: TotpConfiguration
    user: User


async def list_(session: AsyncSession, principal: Principal, parameters: TotpQuery) -> Slice[Any]:
    """A user's configurations, the newest first.

    Raises NotFound for somebody whom the caller does not see, Forbidden for somebody whom they do not administer.
    """
    user_id = parameters.user_id or principal.user_id
    if user_id is None:
        raise Forbidden("Only people have second factors; name one with filter[user-id].", parameter="filter[user-id]")
    if user_id != principal.user_id:
        await users.read(session, principal, user_id)
        if not principal.is_support and not await administers(session, principal, user_id):
            raise Forbidden("Only an administrator may list another person's.", parameter="filter[user-id]")
    statement = select(TotpConfiguration).where(TotpConfiguration.user_id == user_id)
    return await page_of(session, statement.order_by(TotpConfiguration.id.desc()), parameters.page)


async def owned(session: AsyncSession, principal: Principal, totp_id: UUID) -> Owned:
    """A configuration that the caller may know of, their own or one that they may switch off. Raises NotFound."""
    statement = select(TotpConfiguration, User).join(User, User.id == TotpConfiguration.user_id)
    found = (await session.execute(statement.where(TotpConfiguration.id == totp_id))).first()
    if found is None:
        raise NotFound
    row, user = found
    if user.id != principal.user_id and not await may_switch_off(session, principal, user.id):
        raise NotFound
    return Owned(row, user)


async def may_switch_off(session: AsyncSession, principal: Principal, user_id: UUID) -> bool:
    """Whether the caller may take somebody's lost authenticator away.

    The operator may; an administrator of all of the person's organizations, too, unless the person has a system role.
    """
    if principal.is_operator:
        return True
    system = select(UserRole.id).where(UserRole.user_id == user_id, UserRole.organization_id.is_(None))
    if (await session.scalars(system)).first() is not None:
        return False
    return await administers(session, principal, user_id)


async def recovery_codes_left(session: AsyncSession, identifiers: list[UUID]) -> dict[UUID, int]:
    """How many recovery codes are unused, by configuration."""
    statement = (
        select(RecoveryCode.configuration_id, func.count())
        .where(RecoveryCode.configuration_id.in_(identifiers), RecoveryCode.used_at.is_(None))
        .group_by(RecoveryCode.configuration_id)
    )
    return {row[0]: row[1] for row in await session.execute(statement)}


async def username(session: AsyncSession, user_id: UUID) -> str:
    """The name under which an authenticator app lists the account."""
    return (await session.scalars(select(User.username).where(User.id == user_id))).one()


def secret_of(vault: Vault, row: TotpConfiguration) -> str:
    """The secret, unsealed."""
    return vault.open_sealed(row.secret, f"totp:{row.id}").decode()
