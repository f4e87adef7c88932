"""What an interaction still needs."""

from typing import Any, Literal, NamedTuple
from uuid import UUID

import msgspec
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from identity.openid import browser_sessions
from identity.openid.interactions.models import Interaction
from identity.openid.interactions.requests import Request
from identity.service_documents import agreements
from identity.sessions.proofs import TWO_FACTORS

Step = Literal["sign-in", "second-factor", "documents", "consent", "finish"]

STANDING = text("""
    SELECT clock_timestamp() AS at, c.asks_consent, d.scopes, d.claims,
           s.id IS NOT NULL AND s.ended_at IS NULL AND s.expires_at > clock_timestamp() AND u.state = 'confirmed'
           AND (u.sessions_ended_at IS NULL OR s.created_at > u.sessions_ended_at) AS alive,
           EXISTS (SELECT FROM totp_configurations t WHERE t.user_id = i.user_id AND t.enabled) AS factor
      FROM oauth2_interactions i
      JOIN oauth2_clients c ON c.id = i.client_id
      LEFT JOIN sessions s ON s.id = i.session_id
      LEFT JOIN users u ON u.id = s.user_id
      LEFT JOIN oauth2_consents d ON d.user_id = i.user_id AND d.client_id = i.client_id
     WHERE i.id = :id
""")


class Missing(NamedTuple):
    """What a client asks for that the person has not let it have."""

    scopes: list[str]
    claims: list[str]


def request_of(interaction: Interaction) -> Request:
    """What the client asked for."""
    return msgspec.convert(interaction.request, Request)


async def find(
    session: AsyncSession, interaction_id: UUID, browser: str | None, *, lock: bool = False
) -> Interaction | None:
    """An interaction that goes on, in the browser that began it; None for any other."""
    statement = select(Interaction).where(
        Interaction.id == interaction_id,
        Interaction.browser == browser_sessions.digest(browser or ""),
        Interaction.ended_at.is_(None),
        Interaction.expires_at > text("clock_timestamp()"),
    )
    return (await session.scalars(statement.with_for_update() if lock else statement)).first()


async def next_step(session: AsyncSession, interaction: Interaction) -> Step:
    """What comes next: a sign-in, a second factor, documents to agree to, a consent, or the answer to the client."""
    await session.flush()
    row = (await session.execute(STANDING, {"id": interaction.id})).one()
    if interaction.proven_user_id is not None:
        return "second-factor"
    request = request_of(interaction)
    if interaction.user_id is None or not row.alive or not _serves(interaction, request, row.at):
        return "sign-in"
    if row.factor and _wants_more(interaction, request):
        return "second-factor"
    if await agreements.outstanding(session, interaction.user_id):
        return "documents"
    if interaction.consented_at is None and _asks(request, row):
        return "consent"
    return "finish"


def missing(request: Request, scopes: list[str] | None, claims: list[str] | None) -> Missing:
    """What of a request a consent does not cover yet."""
    known = set(scopes or ())
    return Missing(
        [scope for scope in request.scopes if scope not in known],
        [claim for claim in request.claim_names if claim not in set(claims or ())],
    )


def _serves(interaction: Interaction, request: Request, at: Any) -> bool:
    """Whether the sign-in is the one that the client wants: of the right person, and recent enough.

    One that was made for this very request is recent enough, however long the pages after it took.
    """
    if interaction.auth_time is None or is_another(interaction, request):
        return False
    if interaction.auth_time >= interaction.created_at:
        return True
    if {"login", "select_account"} & set(request.prompt):
        return False
    return request.max_age is None or (at - interaction.auth_time).total_seconds() <= request.max_age


def is_another(interaction: Interaction, request: Request) -> bool:
    """Whether somebody else is signed in than the client asked for."""
    return request.subject is not None and request.subject != str(interaction.user_id)


def _wants_more(interaction: Interaction, request: Request) -> bool:
    """Whether the client wishes for two factors, and one was shown."""
    wished = request.acr_demanded or request.acr_values
    return bool(wished) and wished[0] == TWO_FACTORS and interaction.acr != TWO_FACTORS


def _asks(request: Request, row: Any) -> bool:
    if "consent" in request.prompt:
        return True
    return row.asks_consent and any(missing(request, row.scopes, row.claims))
