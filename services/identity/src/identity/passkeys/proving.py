"""Showing who one is by a passkey. A challenge is answered once; a count that goes back is an alarm."""

from typing import Any, NamedTuple
from uuid import UUID

from contracts.identity import PasskeySuspended
from messaging import publish
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession
from webauthn.authentication.verify_authentication_response import VerifiedAuthentication

from identity.audit_events.commands import record
from identity.parts import Parts
from identity.passkeys import ceremonies, challenges
from identity.passkeys.models import Passkey
from identity.sessions.proofs import TWO_FACTORS, Proof
from identity.users.credentials import tell
from identity.users.models import User

COUNT = text("""
    UPDATE passkeys SET sign_count = :count, last_used_at = clock_timestamp(), synced = :synced
     WHERE id = :id AND suspended_at IS NULL AND (sign_count < :count OR (sign_count = 0 AND :count = 0))
    RETURNING id
""")
SUSPEND = text("""
    UPDATE passkeys SET suspended_at = clock_timestamp() WHERE id = :id AND suspended_at IS NULL RETURNING id
""")


class Shown(NamedTuple):
    """Whose passkey it was, and what that is worth."""

    user_id: UUID
    proof: Proof


async def owner(session: AsyncSession, credential: dict[str, Any]) -> UUID:
    """Who says to sign in; nothing is proven by that. Raises Refused."""
    credential_id, _ = ceremonies.credential_of(credential)
    user_id = await session.scalar(select(Passkey.user_id).where(Passkey.credential_id == credential_id))
    if user_id is None:
        raise ceremonies.refusal()
    return user_id


async def prove(
    session: AsyncSession, parts: Parts, user_id: UUID, credential: dict[str, Any], beside: tuple[str, ...] = ()
) -> Shown:
    """Check what a passkey of this user has signed, and use the challenge up. Raises Refused, which is in the trail.

    `beside` names what else they have shown (RFC 8176).
    """
    credential_id, handle = ceremonies.credential_of(credential)
    challenge = ceremonies.challenge_of(credential)
    statement = select(Passkey).where(Passkey.credential_id == credential_id, Passkey.user_id == user_id)
    row = (await session.scalars(statement)).first()
    fresh = await challenges.use(session, "sign-in", challenge)
    try:
        if row is None or not fresh or handle not in {None, user_id.bytes}:
            raise ceremonies.refusal()
        answered = ceremonies.asserted(parts, credential, challenge, row.public_key)
    except ceremonies.Refused:
        record(session, None, "passkey-refused", user_id, actor="anonymous", target=_target(row) if row else None)
        raise
    await _count(session, parts, row, answered)
    kept = "swk" if answered.credential_backed_up else "hwk"
    return Shown(user_id, Proof(TWO_FACTORS, (*beside, kept, "user", "mfa")))


async def _count(session: AsyncSession, parts: Parts, row: Passkey, answered: VerifiedAuthentication) -> None:
    """Take the authenticator's count; where it has not grown, there may be a copy, and the passkey counts no more."""
    told = {"id": row.id, "count": answered.new_sign_count, "synced": answered.credential_backed_up}
    if (await session.execute(COUNT, told)).first() is not None:
        return
    if (await session.execute(SUSPEND, {"id": row.id})).first() is not None:
        record(session, None, "passkey-suspended", row.user_id, target=_target(row), reason="count-went-back")
        await publish(session, PasskeySuspended(passkey_id=row.id, user_id=row.user_id))
        await tell(session, parts, await session.get_one(User, row.user_id), "passkey-suspended")
    raise ceremonies.refusal()


def _target(row: Passkey) -> str:
    return f"passkeys:{row.id}"
