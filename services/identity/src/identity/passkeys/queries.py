"""Reading passkeys."""

from typing import Any
from uuid import UUID

from chassis.principal import Principal
from database import page_of
from kernel import Forbidden, NotFound, Slice
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from identity.mfa_totp.queries import may_switch_off
from identity.passkeys.models import Passkey
from identity.passkeys.schemas import PasskeysQuery
from identity.users import queries as users
from identity.users.visibility import administers


async def list_(session: AsyncSession, principal: Principal, parameters: PasskeysQuery) -> Slice[Any]:
    """A user's passkeys, the newest first.

    Raises NotFound for somebody whom the caller does not see, Forbidden for somebody whom they do not administer.
    """
    user_id = parameters.user_id or principal.user_id
    if user_id is None:
        raise Forbidden("Only people have passkeys; name one with filter[user-id].", parameter="filter[user-id]")
    if user_id != principal.user_id:
        await users.read(session, principal, user_id)
        if not principal.is_support and not await administers(session, principal, user_id):
            raise Forbidden("Only an administrator may list another person's.", parameter="filter[user-id]")
    statement = select(Passkey).where(Passkey.user_id == user_id).order_by(Passkey.id.desc())
    return await page_of(session, statement, parameters.page)


async def own(session: AsyncSession, principal: Principal, passkey_id: UUID) -> Passkey:
    """One of the caller's own. Raises NotFound."""
    statement = select(Passkey).where(Passkey.id == passkey_id, Passkey.user_id == principal.user_id)
    row = (await session.scalars(statement)).first()
    if row is None:
        raise NotFound
    return row


async def removable(session: AsyncSession, principal: Principal, passkey_id: UUID) -> Passkey:
    """One that the caller may take away: their own, or a lost one of whom they administer. Raises NotFound."""
    row = await session.get(Passkey, passkey_id)
    if row is None:
        raise NotFound
    if row.user_id != principal.user_id and not await may_switch_off(session, principal, row.user_id):
        raise NotFound
    return row


async def known(session: AsyncSession, user_id: UUID) -> list[bytes]:
    """The ids of a user's keys."""
    return list(await session.scalars(select(Passkey.credential_id).where(Passkey.user_id == user_id)))
