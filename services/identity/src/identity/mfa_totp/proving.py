"""The second factor of a sign-in. A code counts once, by one statement."""

from typing import NamedTuple
from uuid import UUID

from chassis.runtime import Runtime
from kernel import Unauthorized
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from identity.audit_events.commands import record
from identity.mfa_totp import one_time
from identity.parts import Parts
from identity.throttling.budgets import TOTP_DEVICE, TOTP_USER
from identity.throttling.callers import Device
from identity.throttling.commands import Charge, demand
from identity.users.credentials import tell
from identity.users.models import User

USE_STEP = text("""
    UPDATE totp_configurations SET last_step = :step, last_used_at = clock_timestamp()
     WHERE id = :id AND enabled AND (last_step IS NULL OR last_step < :step) RETURNING id
""")
USE_RECOVERY_CODE = text("""
    WITH won AS (UPDATE totp_recovery_codes SET used_at = clock_timestamp()
                  WHERE configuration_id = :id AND mark = :mark AND used_at IS NULL RETURNING configuration_id)
    UPDATE totp_configurations SET last_used_at = clock_timestamp()
      FROM won WHERE id = won.configuration_id RETURNING id
""")


class Factor(NamedTuple):
    """An authenticator that is enabled; the secret is sealed."""

    id: UUID
    secret: bytes

    @property
    def target(self) -> str:
        """Its name in the audit trail."""
        return f"mfa-totp:{self.id}"


class WrongCode(Unauthorized):
    """A second factor that does not count. What is noted of it stays."""

    keeps_writes = True


async def charge(runtime: Runtime, device: Device, user_id: UUID) -> Charge:
    """Take one try of the second factor's own budget, before anything is compared. Raises TooManyRequests."""
    known = device.knows(user_id)
    charged = (TOTP_DEVICE, f"{device.id.hex()} {user_id}") if known else (TOTP_USER, str(user_id))
    await demand(runtime, charged)
    return charged


async def prove(session: AsyncSession, parts: Parts, user_id: UUID, factor: Factor, typed: str | None) -> None:
    """Use a code up, of the authenticator or for recovery. Raises Unauthorized; a wrong code is in the audit trail.

    `typed` is None where no try was charged.
    """
    if typed is None:
        raise required()
    if one_time.is_one_time(typed):
        secret = parts.vault.open_sealed(factor.secret, f"totp:{factor.id}").decode()
        step = one_time.matching_step(secret, typed)
        if step is None or (await session.execute(USE_STEP, {"id": factor.id, "step": step})).first() is None:
            raise _wrong(session, user_id, factor)
        return
    mark = one_time.recovery_mark(parts.vault, factor.id.bytes, typed)
    if (await session.execute(USE_RECOVERY_CODE, {"id": factor.id, "mark": mark})).first() is None:
        raise _wrong(session, user_id, factor)
    record(session, None, "recovery-code-used", user_id, actor=str(user_id), target=factor.target)
    await tell(session, parts, await session.get_one(User, user_id), "recovery-code-used")


def required() -> Unauthorized:
    """The password was right; a code has to come along."""
    return Unauthorized("A code of the authenticator is required, too.", code="totp-required")


def _wrong(session: AsyncSession, user_id: UUID, factor: Factor) -> WrongCode:
    record(session, None, "second-factor-failed", user_id, actor="anonymous", target=factor.target)
    return WrongCode("The code is wrong, was used or is too old.", code="invalid-totp-code")
