"""Codes that a client exchanges for tokens, once (RFC 6749, section 4.1.2). A replay ends what the code gave."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, text
from sqlalchemy.ext.asyncio import AsyncSession

from identity.openid import browser_sessions
from identity.openid.clients import Client
from identity.openid.interactions.models import Interaction
from identity.openid.interactions.requests import Request
from identity.openid.models import AuthorizationCode
from identity.openid.token.lending import Allowed
from identity.sessions import commands as sessions
from identity.sessions.proofs import Proof

LIVES = timedelta(seconds=60)
KEPT = "interval '1 hour'"

USE = text("""
    UPDATE oauth2_codes SET used_at = clock_timestamp()
     WHERE hash = :hash AND client_id = :client_id AND used_at IS NULL AND expires_at > clock_timestamp()
    RETURNING user_id, provider_session_id, redirect_uri, code_challenge, nonce, scopes, claims, acr, amr, auth_time
""")
GAVE = text("""
    SELECT session_id FROM oauth2_codes WHERE hash = :hash AND client_id = :client_id AND used_at IS NOT NULL
""")
NOTE = text("UPDATE oauth2_codes SET session_id = :session_id WHERE hash = :hash")
SWEEP = text(f"DELETE FROM oauth2_codes WHERE expires_at < now() - {KEPT}")  # noqa: S608


class Code:
    """A code that was just used, as Authlib asks about it."""

    def __init__(self, value: str, row: Any) -> None:
        """`row` is what `USE` returned."""
        self.hash = browser_sessions.digest(value)
        self.redirect_uri: str | None = row.redirect_uri
        self.code_challenge: str | None = row.code_challenge
        self.code_challenge_method = "S256"
        self.allowed = Allowed(
            user_id=row.user_id,
            provider_session_id=row.provider_session_id,
            scopes=row.scopes,
            proof=Proof(row.acr, row.amr, row.auth_time),
            nonce=row.nonce,
            claims=row.claims,
        )

    def get_redirect_uri(self) -> str | None:
        """Where the code was sent, if the request said so."""
        return self.redirect_uri

    def get_scope(self) -> str:
        """What it is good for."""
        return " ".join(self.allowed.scopes)


async def issue(session: AsyncSession, interaction: Interaction, request: Request, scopes: list[str]) -> str:
    """A new code for what a person has just let the client of an interaction have."""
    value = browser_sessions.new_secret()
    session.add(
        AuthorizationCode(
            hash=browser_sessions.digest(value),
            client_id=interaction.client_id,
            user_id=interaction.user_id,
            provider_session_id=interaction.session_id,
            redirect_uri=request.redirect_uri if request.redirect_uri_given else None,
            code_challenge=request.code_challenge,
            nonce=request.nonce,
            scopes=scopes,
            claims={"id_token": request.id_token_claims, "userinfo": request.userinfo_claims},
            acr=interaction.acr,
            amr=interaction.amr,
            auth_time=interaction.auth_time,
            expires_at=func.clock_timestamp() + LIVES,
        )
    )
    await session.flush()
    return value


async def use(session: AsyncSession, client: Client, value: str) -> Code | None:
    """Use a code up. One that was used before ends what it gave; that of another client is not known here."""
    key = {"hash": browser_sessions.digest(value), "client_id": client.id}
    row = (await session.execute(USE, key)).first()
    if row is not None:
        return Code(value, row)
    gave: UUID | None = await session.scalar(GAVE, key)
    if gave is not None:
        await sessions.end(session, gave, "reuse")
    return None


async def note(session: AsyncSession, code: Code, session_id: UUID) -> None:
    """Remember what a code gave."""
    await session.execute(NOTE, {"hash": code.hash, "session_id": session_id})
