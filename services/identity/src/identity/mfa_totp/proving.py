"""The second factor of a sign-in. A code counts once, by one statement."""

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

FIND = text("SELECT id, secret FROM totp_configurations WHERE user_id = :user_id AND enabled")
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


async def charge(runtime: Runtime, device: Device, user_id: UUID) -> Charge:
    """Take one try of the second factor's own budget, before anything is compared. Raises TooManyRequests."""
    known = device.knows(user_id)
    charged = (TOTP_DEVICE, f"{device.id.hex()} {user_id}") if known else (TOTP_USER, str(user_id))
    await demand(runtime, charged)
    return charged


async def prove(session: AsyncSession, parts: Parts, user_id: UUID, typed: str | None) -> None:
    """Use a code up, of the authenticator or for recovery. Raises Unauthorized; nothing is asked where none is enabled.

    `typed` is None where no try was charged.
    """
    found = (await session.execute(FIND, {"user_id": user_id})).first()
    if found is None:
        return
    if typed is None:
        raise required()
    if one_time.is_one_time(typed):
        secret = parts.vault.open_sealed(found.secret, f"totp:{found.id}").decode()
        step = one_time.matching_step(secret, typed)
        if step is None or (await session.execute(USE_STEP, {"id": found.id, "step": step})).first() is None:
            raise _wrong()
        return
    mark = one_time.recovery_mark(parts.vault, found.id.bytes, typed)
    if (await session.execute(USE_RECOVERY_CODE, {"id": found.id, "mark": mark})).first() is None:
        raise _wrong()
    await _tell(session, parts, user_id, found.id)


def required() -> Unauthorized:
    """The password was right; a code has to come along."""
    return Unauthorized("A code of the authenticator is required, too.", code="totp-required")


def _wrong() -> Unauthorized:
    return Unauthorized("The code is wrong, was used or is too old.", code="invalid-totp-code")


async def _tell(session: AsyncSession, parts: Parts, user_id: UUID, totp_id: UUID) -> None:
    """A recovery code in use is noted, and its owner told."""
    user = await session.get_one(User, user_id)
    record(session, None, "recovery-code-used", user_id, actor=str(user_id), target=f"mfa-totp:{totp_id}")
    await tell(session, parts, user, "recovery-code-used")
