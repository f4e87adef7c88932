"""Challenges: each is answered once, within five minutes, for what it was made."""

import hashlib
import os
from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

Purpose = Literal["register", "sign-in"]

BYTES = 32
SECONDS = 300

OPEN = text(f"""
    INSERT INTO passkey_challenges (mark, purpose, user_id, expires_at)
    VALUES (:mark, :purpose, :user_id, clock_timestamp() + interval '{SECONDS} seconds') RETURNING expires_at
""")  # noqa: S608
USE = text("""
    DELETE FROM passkey_challenges
     WHERE mark = :mark AND purpose = :purpose AND user_id IS NOT DISTINCT FROM CAST(:user_id AS uuid)
       AND expires_at > clock_timestamp()
    RETURNING mark
""")
SWEEP = text("DELETE FROM passkey_challenges WHERE expires_at < now()")


async def issue(session: AsyncSession, purpose: Purpose, user_id: UUID | None = None) -> tuple[bytes, datetime]:
    """A new challenge and when it expires."""
    challenge = os.urandom(BYTES)
    values = {"mark": _mark(challenge), "purpose": purpose, "user_id": user_id}
    return challenge, (await session.execute(OPEN, values)).scalar_one()


async def use(session: AsyncSession, purpose: Purpose, challenge: bytes, user_id: UUID | None = None) -> bool:
    """Use a challenge up; False where it is unknown, used, expired, somebody else's or for something else."""
    values = {"mark": _mark(challenge), "purpose": purpose, "user_id": user_id}
    return (await session.execute(USE, values)).first() is not None


def _mark(challenge: bytes) -> bytes:
    return hashlib.sha256(challenge).digest()
