"""Changing a password: the person with the old one, or the operator's staff for somebody who cannot."""

from uuid import UUID

from chassis.principal import Principal
from chassis.runtime import Runtime
from kernel import Conflict, Forbidden, Invalid
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from identity.audit_events.commands import record
from identity.parts import Parts, parts_of
from identity.passwords import policy
from identity.service_accounts.queries import is_machine
from identity.throttling.budgets import PASSWORD_USER
from identity.throttling.commands import demand
from identity.users import queries
from identity.users.credentials import MAY, write_password
from identity.users.models import User, UserRole
from identity.users.schemas import ChangePassword


async def change_password(
    runtime: Runtime, session: AsyncSession, principal: Principal, user_id: UUID, asked: ChangePassword
) -> None:
    """Set another password. Raises NotFound, Forbidden, Invalid, Conflict, TooManyRequests.

    Nothing is locked and no connection held while passwords are hashed; the row must still hold the old hash then.
    """
    parts = parts_of(runtime)
    async with runtime.reads() as reading:
        user = await queries.read(reading, principal, user_id)
        await _check_allowed(reading, principal, user, asked)
    await demand(runtime, (PASSWORD_USER, str(user_id)))
    await _check_old(parts, user, asked)
    hints = (user.username, user.email, user.first_name, user.last_name)
    await policy.check(asked.new_password, parts.settings.minimum_password_strength, "/new-password", *hints)
    password_hash = await parts.hasher.hashed(asked.new_password)
    locked = select(User).where(User.id == user_id).with_for_update()
    present = (await session.scalars(locked)).first()
    if present is None or present.state not in MAY:
        raise Conflict("This account is not active.")
    if asked.context is None and present.password_hash != user.password_hash:
        raise wrong_password()
    sessions = "kept" if asked.maintain_active_sessions else "ended"
    record(session, principal, "password-changed", user_id, context=asked.context, sessions=sessions)
    but = principal.session_id if principal.user_id == user_id else None
    await write_password(session, parts, present, password_hash, keep=asked.maintain_active_sessions, but=but)


def wrong_password() -> Invalid:
    """The one answer to every old password that is not right."""
    return Invalid("The old password is not right.", pointer="/old-password", code="wrong-password")


async def _check_allowed(session: AsyncSession, principal: Principal, user: User, asked: ChangePassword) -> None:
    if await is_machine(session, user.id):
        raise Conflict("Service accounts have no password.")
    if asked.context is None:
        if user.id != principal.user_id or principal.impersonator is not None:
            raise Forbidden("Only the person themselves may do this.")
        if asked.old_password is None:
            raise Invalid("The old password is required.", pointer="/old-password", code="required")
        return
    if not principal.is_support or principal.impersonator is not None:
        raise Forbidden("Only the operator's staff may do this.", pointer="/context")
    if user.id == principal.user_id:
        raise Forbidden("Give your own old password.", pointer="/context")
    system = select(UserRole.id).where(UserRole.user_id == user.id, UserRole.organization_id.is_(None))
    if not principal.is_operator and (await session.scalars(system)).first() is not None:
        raise Forbidden("Only the operator may do this for the operator's staff.", pointer="/context")


async def _check_old(parts: Parts, user: User, asked: ChangePassword) -> None:
    if asked.context is None and not await parts.hasher.matches(user.password_hash, asked.old_password or ""):
        raise wrong_password()
