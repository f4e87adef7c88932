"""Sessions that one person has in another's name."""

from datetime import timedelta
from uuid import UUID

import msgspec
from chassis.principal import Principal
from contracts.identity import SessionStarted
from kernel import uuid7
from messaging import publish
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from identity.parts import Parts
from identity.sessions import facts, families
from identity.sessions.answers import answer
from identity.sessions.schemas import Impersonator, SignedIn

BEHIND = """
    (s.impersonator_id IS NULL OR EXISTS (
        SELECT FROM users i JOIN sessions m ON m.id = s.impersonator_session_id AND m.user_id = i.id
         WHERE i.id = s.impersonator_id AND i.state = 'confirmed'
           AND m.ended_at IS NULL AND m.expires_at > clock_timestamp()
           AND (i.sessions_ended_at IS NULL OR m.created_at > i.sessions_ended_at)
           AND EXISTS (SELECT FROM user_roles r
                        WHERE r.user_id = i.id AND r.organization_id IS NULL AND r.name LIKE 'system.%')))
"""
"""Whether whoever acts in session `s` is still signed in themselves and of the operator's staff."""

ADMIT = text("SELECT id FROM users WHERE id = :user_id AND state = 'confirmed' FOR KEY SHARE")
BEGIN = text(f"""
    INSERT INTO sessions AS s (id, user_id, organization_id, expires_at, access_seconds, interactive, device,
                               impersonation_request_id, impersonator_id, impersonator_session_id)
    SELECT s.* FROM (SELECT CAST(:id AS uuid) AS id, CAST(:user_id AS uuid), CAST(:organization_id AS uuid),
                            clock_timestamp() + :lives, CAST(:access_seconds AS integer), true, CAST(:device AS text),
                            CAST(:request_id AS uuid), CAST(:impersonator_id AS uuid) AS impersonator_id,
                            CAST(:impersonator_session_id AS uuid) AS impersonator_session_id) s
     WHERE {BEHIND}
    RETURNING expires_at
""")  # noqa: S608
OF_REQUEST = text("SELECT id FROM sessions WHERE impersonation_request_id = :request_id AND ended_at IS NULL")
EMAIL = text("SELECT email FROM users WHERE id = :user_id")


class Terms(msgspec.Struct, frozen=True, kw_only=True):
    """How the session is wanted: lifetimes in seconds."""

    request_id: UUID
    access_seconds: int
    lives: timedelta
    device: str | None


async def impersonate(
    session: AsyncSession, parts: Parts, principal: Principal, user_id: UUID, terms: Terms
) -> SignedIn | None:
    """Tokens to act as a user; None when the user may not sign in or the caller's own session has ended."""
    if (await session.execute(ADMIT, {"user_id": user_id})).first() is None or principal.user_id is None:
        return None
    who, session_id = await facts.read(session, user_id), uuid7()
    organization_id = who.organization(None)
    values = {
        "id": session_id,
        "user_id": user_id,
        "organization_id": organization_id,
        "lives": terms.lives,
        "access_seconds": terms.access_seconds,
        "device": terms.device,
        "request_id": terms.request_id,
        "impersonator_id": principal.user_id,
        "impersonator_session_id": principal.session_id,
    }
    expires_at = await session.scalar(BEGIN, values)
    if expires_at is None:
        return None
    refresh_token = await families.found(session, session_id)
    await publish(session, SessionStarted(session_id=session_id, user_id=user_id))
    behind = await behind_of(session, principal.user_id, principal.session_id)
    left = (expires_at - who.at).total_seconds()
    return answer(parts, who, session_id, organization_id, refresh_token, terms.access_seconds, left, behind)


async def behind_of(session: AsyncSession, user_id: UUID | None, session_id: UUID | None) -> Impersonator | None:
    """Who acts in a session, if it is not the person themselves."""
    if user_id is None or session_id is None:
        return None
    return Impersonator(user_id, await session.scalar(EMAIL, {"user_id": user_id}), session_id)


async def of_request(session: AsyncSession, request_id: UUID) -> list[UUID]:
    """The living sessions that a request to act as a user has led to."""
    return list(await session.scalars(OF_REQUEST, {"request_id": request_id}))
