"""Setting up a second factor, switching it on and off."""

from typing import Any
from uuid import UUID

from chassis.principal import Principal
from chassis.runtime import Runtime
from contracts.identity import TotpDisabled, TotpEnabled
from kernel import Conflict, Forbidden, Invalid, NotFound, uuid7
from messaging import publish
from sqlalchemy import delete as delete_from
from sqlalchemy import func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from identity import step_up
from identity.audit_events.commands import record
from identity.mfa_totp import one_time, queries
from identity.mfa_totp.models import RecoveryCode, TotpConfiguration
from identity.mfa_totp.schemas import DisableTotp, EnableTotp
from identity.parts import Parts, parts_of
from identity.sessions.proofs import PASSWORD_AND_CODE
from identity.throttling.budgets import PASSWORD_USER, TOTP_USER
from identity.throttling.commands import demand
from identity.users.credentials import tell
from identity.users.models import User

MOST = 5


async def create(session: AsyncSession, parts: Parts, principal: Principal) -> tuple[TotpConfiguration, User]:
    """A configuration with a new secret, which is not enabled yet. Raises Forbidden, or Conflict for a sixth one."""
    user = await _locked(session, principal.user_id)
    counted = select(func.count()).select_from(TotpConfiguration).where(TotpConfiguration.user_id == user.id)
    if (await session.scalar(counted) or 0) >= MOST:
        raise Conflict(f"There are {MOST} already; delete one that is not enabled.", code="too-many")
    identifier, secret = uuid7(), one_time.new_secret()
    row = TotpConfiguration(
        id=identifier, user_id=user.id, secret=parts.vault.seal(secret.encode(), f"totp:{identifier}")
    )
    session.add(row)
    record(session, principal, "totp-created", user.id, target=_target(identifier))
    await session.flush()
    await session.refresh(row)
    return row, user


async def enable(
    runtime: Runtime, session: AsyncSession, principal: Principal, totp_id: UUID, asked: EnableTotp
) -> tuple[TotpConfiguration, list[str]]:
    """Switch one's own on: the configuration and ten recovery codes, which are shown this once.

    Raises NotFound, Conflict when it or another one is enabled, Invalid for a wrong password or codes that are wrong,
    old or not consecutive, TooManyRequests.
    """
    parts = parts_of(runtime)
    async with runtime.reads() as reading:
        row, user = await queries.owned(reading, principal, totp_id)
        _check_own(principal, row)
        await step_up.require_recent(reading, principal)
    await demand(runtime, (PASSWORD_USER, str(user.id)), (TOTP_USER, str(user.id)))
    await _check_password(parts, user, asked.password)
    step = one_time.consecutive_step(queries.secret_of(parts.vault, row), asked.codes)
    if step is None:
        raise Invalid("Give two codes that follow each other.", pointer="/codes", code="invalid-totp-code")
    locked = await _locked(session, user.id)
    if locked.password_hash != user.password_hash:
        raise _wrong_password()
    await _check_none_enabled(session, user.id)
    row = await _switched_on(session, totp_id, step)
    codes = await _new_recovery_codes(session, parts, totp_id)
    await step_up.note(session, principal, PASSWORD_AND_CODE)
    record(session, principal, "totp-enabled", user.id, target=_target(totp_id))
    await publish(session, TotpEnabled(totp_id=totp_id, user_id=user.id))
    await tell(session, parts, locked, "totp-enabled")
    return row, codes


async def disable(
    runtime: Runtime, session: AsyncSession, principal: Principal, totp_id: UUID, asked: DisableTotp
) -> TotpConfiguration:
    """Switch one off, one's own or a lost one of somebody whom the caller administers. Twice changes nothing.

    The password is always the caller's. Raises NotFound, Invalid for a wrong password, TooManyRequests.
    """
    parts = parts_of(runtime)
    async with runtime.reads() as reading:
        _, user = await queries.owned(reading, principal, totp_id)
        await step_up.require_recent(reading, principal)
        caller = await reading.get(User, principal.user_id) if principal.user_id else None
    if caller is None:
        raise Forbidden("Only people have a password.")
    await demand(runtime, (PASSWORD_USER, str(caller.id)))
    await _check_password(parts, caller, asked.password)
    locked = await _locked(session, user.id)
    changed: Any = await session.execute(
        update(TotpConfiguration)
        .where(TotpConfiguration.id == totp_id, TotpConfiguration.enabled)
        .values(enabled=False)
    )
    if changed.rowcount:
        await session.execute(delete_from(RecoveryCode).where(RecoveryCode.configuration_id == totp_id))
        record(session, principal, "totp-disabled", user.id, target=_target(totp_id))
        await publish(session, TotpDisabled(totp_id=totp_id, user_id=user.id))
        await tell(session, parts, locked, "totp-disabled")
    return await _read(session, totp_id)


async def delete(session: AsyncSession, principal: Principal, totp_id: UUID) -> None:
    """Remove one of one's own that is not enabled. Raises NotFound, Forbidden for others', Conflict."""
    row, user = await queries.owned(session, principal, totp_id)
    _check_own(principal, row)
    gone: Any = await session.execute(
        delete_from(TotpConfiguration).where(TotpConfiguration.id == totp_id, ~TotpConfiguration.enabled)
    )
    if not gone.rowcount:
        await session.refresh(row)
        raise Conflict("It is enabled; disable it first.", code="enabled")
    record(session, principal, "totp-deleted", user.id, target=_target(totp_id))


def _check_own(principal: Principal, row: TotpConfiguration) -> None:
    if row.user_id != principal.user_id:
        raise Forbidden("Only the person themselves may do this.")


async def _check_password(parts: Parts, user: User, password: str) -> None:
    if not await parts.hasher.matches(user.password_hash, password):
        raise _wrong_password()


def _wrong_password() -> Invalid:
    return Invalid("The password is not right.", pointer="/password", code="wrong-password")


async def _locked(session: AsyncSession, user_id: UUID | None) -> User:
    user = (await session.scalars(select(User).where(User.id == user_id).with_for_update())).first()
    if user is None:
        raise Forbidden("Only people have second factors.")
    return user


async def _check_none_enabled(session: AsyncSession, user_id: UUID) -> None:
    enabled = select(TotpConfiguration.id).where(TotpConfiguration.user_id == user_id, TotpConfiguration.enabled)
    if (await session.scalars(enabled)).first() is not None:
        raise Conflict("One is enabled already; disable it first.", code="enabled")


async def _switched_on(session: AsyncSession, totp_id: UUID, step: int) -> TotpConfiguration:
    unused = or_(TotpConfiguration.last_step.is_(None), TotpConfiguration.last_step < step)
    changed: Any = await session.execute(
        update(TotpConfiguration)
        .where(TotpConfiguration.id == totp_id, ~TotpConfiguration.enabled, unused)
        .values(enabled=True, enabled_at=func.clock_timestamp(), last_step=step)
    )
    if not changed.rowcount:
        raise Invalid("These codes have been used.", pointer="/codes", code="invalid-totp-code")
    return await _read(session, totp_id)


async def _read(session: AsyncSession, totp_id: UUID) -> TotpConfiguration:
    statement = select(TotpConfiguration).where(TotpConfiguration.id == totp_id)
    row = (await session.scalars(statement.execution_options(populate_existing=True))).first()
    if row is None:
        raise NotFound
    return row


async def _new_recovery_codes(session: AsyncSession, parts: Parts, totp_id: UUID) -> list[str]:
    """In place of any older ones."""
    await session.execute(delete_from(RecoveryCode).where(RecoveryCode.configuration_id == totp_id))
    codes = one_time.new_recovery_codes()
    marks = [one_time.recovery_mark(parts.vault, totp_id.bytes, code) for code in codes]
    await session.execute(insert(RecoveryCode), [{"configuration_id": totp_id, "mark": mark} for mark in marks])
    return codes


def _target(totp_id: UUID) -> str:
    return f"mfa-totp:{totp_id}"
