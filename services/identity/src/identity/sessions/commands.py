"""Starting, refreshing and ending sessions."""

from datetime import timedelta
from typing import Any, Literal
from uuid import UUID

import msgspec
from chassis.principal import Principal
from contracts.identity import SessionEnded, SessionStarted
from kernel import NotFound, Unauthorized, uuid7
from messaging import publish
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from identity import tokens
from identity.audit_events.commands import record
from identity.parts import Parts
from identity.sessions import facts, families
from identity.sessions.answers import answer
from identity.sessions.impersonators import BEHIND, behind_of
from identity.sessions.proofs import PASSWORD, Proof
from identity.sessions.schemas import SignedIn

SESSION_SECONDS = 30 * 24 * 3600

Reason = Literal["signed-out", "revoked", "reuse", "password-changed", "expired"]

ADMIT = text("""
    SELECT id FROM users
     WHERE id = :user_id AND state = 'confirmed'
       AND (CAST(:password_hash AS text) IS NULL OR password_hash = :password_hash)
       FOR NO KEY UPDATE
""")
BEGIN = text("""
    WITH begun AS (
        INSERT INTO sessions (id, user_id, organization_id, expires_at, access_seconds, interactive, device,
                              auth_time, acr, amr)
        VALUES (:id, :user_id, :organization_id, clock_timestamp() + :lives, :access_seconds, :interactive, :device,
                coalesce(CAST(:auth_time AS timestamptz), clock_timestamp()), :acr, :amr)
        RETURNING expires_at, auth_time),
    founded AS (INSERT INTO refresh_tokens (hash, session_id, salt, uses) VALUES (:hash, :id, :salt, 0)),
    seen AS (UPDATE users SET last_login_at = clock_timestamp() WHERE id = :user_id),
    noted AS (INSERT INTO user_activities (id, user_id, event_type) VALUES (:activity_id, :user_id, 'login')),
    told AS (
        INSERT INTO audit_events (id, actor, action, user_id, organization_id, target)
        VALUES (:audit_id, :actor, 'signed-in', :user_id, :organization_id, :target))
    SELECT expires_at, auth_time FROM begun
""")
ALIVE = text(f"""
    SELECT s.user_id, s.organization_id, s.expires_at, s.access_seconds, s.auth_time, s.acr, s.amr,
           s.impersonator_id, s.impersonator_session_id
      FROM sessions s JOIN users u ON u.id = s.user_id
     WHERE s.id = :session_id AND s.ended_at IS NULL AND s.expires_at > clock_timestamp() AND u.state = 'confirmed'
       AND (u.sessions_ended_at IS NULL OR s.created_at > u.sessions_ended_at) AND {BEHIND}
       FOR KEY SHARE OF u
""")  # noqa: S608
END = text("""
    UPDATE sessions SET ended_at = clock_timestamp(), end_reason = :reason
     WHERE id = :session_id AND ended_at IS NULL RETURNING user_id
""")
LENT = text("""
    SELECT id FROM sessions
     WHERE provider_session_id = :session_id AND ended_at IS NULL AND 'offline_access' <> ALL (scopes) ORDER BY id
""")
MOVE = text("UPDATE sessions SET organization_id = :organization_id WHERE id = :session_id")
SWEEP = text("DELETE FROM sessions WHERE expires_at < now() - interval '1 day'")


class Terms(msgspec.Struct, frozen=True, kw_only=True):
    """How a session is wanted; lifetimes in seconds. `password_hash` is the hash that was checked, if one was.

    `proof` is how the person showed who they are.
    """

    access_seconds: int = tokens.ACCESS_SECONDS
    refresh_seconds: int = SESSION_SECONDS
    sticky: bool = False
    interactive: bool = True
    device: str | None = None
    password_hash: str | None = None
    proof: Proof = PASSWORD


class Refused(Unauthorized):
    """No tokens. What was written on the way is kept."""

    code = "session-ended"
    keeps_writes = True


async def admit(session: AsyncSession, user_id: UUID, password_hash: str | None) -> bool:
    """Whether a user may sign in, by the hash that was checked if one was.

    The user's row is locked, so nobody is signed in beside a change of their standing, password or second factor.
    """
    admitted = {"user_id": user_id, "password_hash": password_hash}
    return (await session.execute(ADMIT, admitted)).first() is not None


async def begin(session: AsyncSession, parts: Parts, who: facts.Facts, terms: Terms) -> SignedIn:
    """Begin a session of a user who was admitted in this transaction, and who has shown all else that it takes."""
    user_id, session_id = who.user_id, uuid7()
    organization_id, founder = who.organization(None), families.founder()
    values = {
        "id": session_id,
        "user_id": user_id,
        "actor": str(user_id),
        "target": f"sessions:{session_id}",
        "activity_id": uuid7(),
        "audit_id": uuid7(),
        "organization_id": organization_id,
        "lives": timedelta(seconds=min(terms.refresh_seconds, SESSION_SECONDS)),
        "access_seconds": terms.access_seconds if terms.sticky else None,
        "interactive": terms.interactive,
        "device": terms.device,
        "hash": founder.hash,
        "salt": founder.salt,
        "auth_time": terms.proof.at,
        "acr": terms.proof.acr,
        "amr": list(terms.proof.amr),
    }
    expires_at, auth_time = (await session.execute(BEGIN, values)).one()
    await publish(session, SessionStarted(session_id=session_id, user_id=user_id))
    left = (expires_at - who.at).total_seconds()
    proof = msgspec.structs.replace(terms.proof, at=auth_time)
    return answer(parts, who, session_id, organization_id, founder.token, terms.access_seconds, left, proof=proof)


async def refresh(session: AsyncSession, parts: Parts, token: str) -> SignedIn:
    """New tokens for a refresh token. Raises Refused; the use of an older token ends the session."""
    used = await families.use(session, parts.vault, token)
    if isinstance(used, families.Misused):
        if used.reused and used.session_id:
            await end(session, used.session_id, "reuse")
        raise Refused("The refresh token does not count any more.", code="invalid-refresh-token")
    row = (await session.execute(ALIVE, {"session_id": used.session_id})).first()
    if row is None:
        raise Refused("The session has ended.")
    who = await facts.read(session, row.user_id)
    organization_id = who.organization(row.organization_id)
    seconds, left = row.access_seconds or tokens.ACCESS_SECONDS, (row.expires_at - who.at).total_seconds()
    behind = await behind_of(session, row.impersonator_id, row.impersonator_session_id)
    return answer(parts, who, used.session_id, organization_id, used.successor, seconds, left, behind, shown(row))


async def renew(session: AsyncSession, parts: Parts, principal: Principal) -> SignedIn:
    """New tokens for the running session as it is now. Raises Refused when it has ended."""
    row = (await session.execute(ALIVE, {"session_id": principal.session_id})).first()
    if row is None or principal.session_id is None:
        raise Refused("The session has ended.")
    who = await facts.read(session, row.user_id)
    token = await families.found(session, principal.session_id)
    seconds, left = row.access_seconds or tokens.ACCESS_SECONDS, (row.expires_at - who.at).total_seconds()
    organization_id = who.organization(row.organization_id)
    return answer(parts, who, principal.session_id, organization_id, token, seconds, left, proof=shown(row))


async def move(session: AsyncSession, parts: Parts, principal: Principal, organization_id: UUID) -> SignedIn:
    """Work for another organization of one's own. Raises NotFound, or Refused when the session has ended."""
    row = (await session.execute(ALIVE, {"session_id": principal.session_id})).first()
    if row is None or principal.session_id is None:
        raise Refused("The session has ended.")
    who = await facts.read(session, row.user_id)
    if organization_id not in who.organizations:
        raise NotFound
    await session.execute(MOVE, {"session_id": principal.session_id, "organization_id": organization_id})
    token = await families.found(session, principal.session_id)
    seconds, left = row.access_seconds or tokens.ACCESS_SECONDS, (row.expires_at - who.at).total_seconds()
    behind = await behind_of(session, row.impersonator_id, row.impersonator_session_id)
    return answer(parts, who, principal.session_id, organization_id, token, seconds, left, behind, shown(row))


def shown(row: Any) -> Proof | None:
    """How the person of a session's row showed who they are; None in somebody else's session."""
    return Proof(row.acr, row.amr, row.auth_time) if row.acr and row.amr and row.auth_time else None


async def end(session: AsyncSession, session_id: UUID, reason: Reason) -> bool:
    """End a session, and what it lent to clients; False when it had ended."""
    user_id = await session.scalar(END, {"session_id": session_id, "reason": reason})
    if user_id is None:
        return False
    await publish(session, SessionEnded(session_id=session_id, user_id=user_id, reason=reason))
    record(session, None, "session-ended", user_id, target=f"sessions:{session_id}", reason=reason)
    for lent in list(await session.scalars(LENT, {"session_id": session_id})):  # after it: nothing more is lent now
        await end(session, lent, reason)
    return True
