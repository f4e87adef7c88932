"""Codes: eight digits, 15 minutes, five tries, single use by one statement."""

import secrets
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from kernel import Invalid, uuid7
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from identity.parts import Parts

DIGITS = 8
LIVES = timedelta(minutes=15)
TRIES = 5
LIVE_AT_ONCE = 3

Purpose = Literal["sign-up", "forgot-password", "change-email", "confirm-phone"]

ISSUE = text("""
    INSERT INTO codes (id, purpose, username_key, subject_id, channel, mark, tries, expires_at)
    VALUES (:id, :purpose, :username_key, :subject_id, :channel, :mark, 0, clock_timestamp() + :lives)
    RETURNING expires_at
""")
WITHDRAW = text("""
    UPDATE codes SET used_at = clock_timestamp()
     WHERE used_at IS NULL AND id IN (
           SELECT id FROM codes WHERE purpose = :purpose AND username_key = :username_key AND used_at IS NULL
            ORDER BY id DESC OFFSET :kept)
""")
REDEEM = text(f"""
    UPDATE codes
       SET used_at = CASE WHEN mark = :mark THEN clock_timestamp() END, tries = tries + 1
     WHERE purpose = :purpose AND username_key = :username_key
       AND used_at IS NULL AND tries < {TRIES} AND expires_at > clock_timestamp()
    RETURNING subject_id, channel, used_at IS NOT NULL AS won
""")  # noqa: S608
SWEEP = text("DELETE FROM codes WHERE expires_at < now() - interval '1 day'")


class WrongCode(Invalid):
    """The code does not count. The try itself is remembered."""

    keeps_writes = True


def wrong_code() -> WrongCode:
    """The one answer for every code that does not count."""
    return WrongCode("The code is wrong, was used or has expired.", pointer="/confirmation-code", code="invalid-code")


async def issue(
    session: AsyncSession, parts: Parts, purpose: Purpose, username_key: str, subject_id: UUID, channel: str
) -> tuple[str, datetime]:
    """A new code and when it expires; of one username at most three live at once."""
    code = f"{secrets.randbelow(10**DIGITS):0{DIGITS}}"
    values = {"purpose": purpose, "username_key": username_key}
    await session.execute(WITHDRAW, {**values, "kept": LIVE_AT_ONCE - 1})
    kept = {"id": uuid7(), "subject_id": subject_id, "channel": channel, "mark": _mark(parts, purpose, code)}
    expires_at = await session.scalar(ISSUE, {**values, **kept, "lives": LIVES})
    return code, expires_at


async def redeem(
    session: AsyncSession, parts: Parts, purpose: Purpose, username_key: str, code: str
) -> tuple[UUID, str]:
    """Use a code up: what it confirms and the channel that it came by. Raises WrongCode, alike for every reason."""
    values = {"purpose": purpose, "username_key": username_key, "mark": _mark(parts, purpose, code.strip())}
    won = [row for row in await session.execute(REDEEM, values) if row.won]
    if not won:
        raise wrong_code()
    return won[0].subject_id, won[0].channel


async def withdraw(session: AsyncSession, purpose: Purpose, username_key: str) -> None:
    """Let no code of a username for this purpose count any more."""
    await session.execute(WITHDRAW, {"purpose": purpose, "username_key": username_key, "kept": 0})


def _mark(parts: Parts, purpose: Purpose, code: str) -> bytes:
    return parts.vault.mark("code", purpose.encode(), code.encode("utf-8", "replace"))
