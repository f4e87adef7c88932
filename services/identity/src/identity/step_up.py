"""Asking for a recent and strong sign-in before credentials change (RFC 9470).

Strong means all that signing in with the password takes of this person: two factors where an authenticator is on. The
session's row counts as well as the token, so who has just shown themselves again needs no new token.
"""

from datetime import datetime
from typing import Any

from chassis.principal import Principal
from kernel import InsufficientAuthentication
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from identity.sessions.proofs import ONE_FACTOR, TWO_FACTORS, Proof

MAX_AGE = 900

STANDING = text("""
    SELECT clock_timestamp() AS at, s.auth_time, s.acr,
           EXISTS (SELECT FROM totp_configurations t WHERE t.user_id = :user_id AND t.enabled) AS totp
      FROM (SELECT CAST(:session_id AS uuid) AS id) asked
      LEFT JOIN sessions s ON s.id = asked.id AND s.user_id = :user_id
""")
RAISE = text("""
    UPDATE sessions SET auth_time = clock_timestamp(), acr = :acr, amr = :amr
     WHERE id = :session_id AND user_id = :user_id AND impersonator_id IS NULL
""")


async def require_recent(
    session: AsyncSession, principal: Principal, max_age: int = MAX_AGE, *, strong: bool = True
) -> None:
    """Let pass who has shown themselves in the last `max_age` seconds. Raises InsufficientAuthentication.

    Services, which nobody signs in as, pass: what they may do is decided elsewhere.
    """
    if principal.user_id is None:
        return
    values = {"session_id": principal.session_id, "user_id": principal.user_id}
    row = (await session.execute(STANDING, values)).one()
    needed = TWO_FACTORS if strong and row.totp else ONE_FACTOR
    if not any(_counts(proof, row.at, needed, max_age) for proof in _proofs(principal, row)):
        detail = "Show again who you are, then repeat this."
        raise InsufficientAuthentication(detail, max_age=max_age, acr=needed)


async def note(session: AsyncSession, principal: Principal, proof: Proof) -> None:
    """Remember that the person of the running session has shown themselves now."""
    shown = {"acr": proof.acr, "amr": list(proof.amr)}
    await session.execute(RAISE, {"session_id": principal.session_id, "user_id": principal.user_id, **shown})


def _proofs(principal: Principal, row: Any) -> list[Proof]:
    told = ((principal.acr, principal.auth_time), (row.acr, row.auth_time))
    return [Proof(acr or ONE_FACTOR, (), at) for acr, at in told if at is not None]


def _counts(proof: Proof, at: datetime, needed: str, max_age: int) -> bool:
    return proof.at is not None and proof.reaches(needed) and (at - proof.at).total_seconds() <= max_age
