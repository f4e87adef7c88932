"""Ending what began by the word of an identity provider that is believed no more."""

from uuid import UUID

from contracts.identity import SessionEnded
from messaging import publish_many
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

END = text("""
    WITH begun AS (
        SELECT s.id FROM sessions s JOIN external_identities e ON e.user_id = s.user_id AND e.provider_id = :provider_id
         WHERE s.ended_at IS NULL AND s.expires_at > clock_timestamp() AND 'fed' = ANY (s.amr))
    UPDATE sessions SET ended_at = clock_timestamp(), end_reason = 'revoked'
     WHERE ended_at IS NULL AND (id IN (SELECT id FROM begun) OR provider_session_id IN (SELECT id FROM begun))
    RETURNING id, user_id
""")
"""Where a person has shown themselves here since, the session stands on that. What clients were lent ends, too."""


async def end_all(session: AsyncSession, provider_id: UUID) -> None:
    """End the sessions that began through a provider, with one statement however many they are."""
    ended = (await session.execute(END, {"provider_id": provider_id})).all()
    await publish_many(
        session, [SessionEnded(session_id=row.id, user_id=row.user_id, reason="revoked") for row in ended]
    )
