"""Exchanging a refresh token."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from identity.parts import Parts
from identity.refresh_token.schemas import RefreshToken
from identity.service_documents import agreements
from identity.sessions import commands as sessions
from identity.sessions.schemas import SignedIn


async def refresh_token(session: AsyncSession, parts: Parts, asked: RefreshToken) -> SignedIn:
    """New tokens. Raises Refused, and with a person present Unauthorized while documents wait for their agreement.

    What is refused for the documents' sake leaves the token as it was. Nobody agrees in another person's name.
    """
    answer = await sessions.refresh(session, parts, asked.refresh_token)
    if asked.interactive and isinstance(answer.user_id, UUID) and not answer.impersonated_by:
        waiting = await agreements.outstanding(session, answer.user_id)
        await agreements.demand(session, parts, waiting, answer.locale or None)
    return answer
