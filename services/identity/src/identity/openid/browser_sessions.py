"""Who is signed in at the provider in a browser. The cookie says nothing by itself; the session's row decides."""

import base64
import hashlib
import os
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from litestar.datastructures import Cookie
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from identity.parts import Parts
from identity.sessions import commands as sessions
from identity.sessions.opening import open_session
from identity.sessions.proofs import Proof
from identity.throttling.callers import AnyRequest

SIGNED_IN, BROWSER = "mst_sso", "mst_browser"
LIVES = 12 * 3600
SECRET_BYTES = 32
LONGEST = 100

READ = text("""
    SELECT s.id, s.user_id, s.acr, s.amr, s.auth_time
      FROM browser_sessions b JOIN sessions s ON s.id = b.session_id JOIN users u ON u.id = s.user_id
     WHERE b.hash = :hash AND s.ended_at IS NULL AND s.expires_at > clock_timestamp() AND u.state = 'confirmed'
       AND (u.sessions_ended_at IS NULL OR s.created_at > u.sessions_ended_at)
""")
KEEP = text("INSERT INTO browser_sessions (hash, session_id) VALUES (:hash, :session_id)")
DROP = text("DELETE FROM browser_sessions WHERE session_id = :session_id")
AGAIN = text("""
    UPDATE sessions SET auth_time = coalesce(CAST(:at AS timestamptz), clock_timestamp()), acr = :acr, amr = :amr
     WHERE id = :session_id RETURNING auth_time
""")
TELL = text("""
    WITH told AS (
        UPDATE sessions SET client_to_tell = false
         WHERE provider_session_id = :session_id AND ended_at IS NULL AND client_to_tell
           AND 'offline_access' = ANY (scopes)
        RETURNING id, client_id, user_id)
    INSERT INTO oauth2_logouts (session_id, client_id, user_id) SELECT id, client_id, user_id FROM told
    ON CONFLICT DO NOTHING
""")


class BrowserSession(NamedTuple):
    """A sign-in at the provider that counts now."""

    id: UUID
    user_id: UUID
    proof: Proof
    auth_time: datetime


class Started(NamedTuple):
    """A sign-in and the cookie that shows it."""

    session_id: UUID
    auth_time: datetime
    cookie: str


def browser_of(request: AnyRequest, parts: Parts) -> str | None:
    """The secret by which the browser is known while nobody is signed in."""
    value = request.cookies.get(_named(BROWSER, parts), "")
    return value if 0 < len(value) <= LONGEST else None


def browser_cookie(value: str, parts: Parts) -> Cookie:
    """The cookie with the browser's secret."""
    return _cookie(_named(BROWSER, parts), value, parts, LIVES)


def session_cookie(value: str, parts: Parts) -> Cookie:
    """The cookie of a sign-in; an empty value takes it away."""
    return _cookie(_named(SIGNED_IN, parts), value, parts, LIVES if value else 0)


def new_secret() -> str:
    """256 random bits in base64url."""
    return base64.urlsafe_b64encode(os.urandom(SECRET_BYTES)).decode().rstrip("=")


def digest(value: str) -> bytes:
    """By what a secret is kept."""
    return hashlib.sha256(value.encode("utf-8", "replace")).digest()


async def read(session: AsyncSession, parts: Parts, request: AnyRequest) -> BrowserSession | None:
    """Who is signed in in the browser; None where nobody is."""
    value = request.cookies.get(_named(SIGNED_IN, parts), "")
    if not 0 < len(value) <= LONGEST:
        return None
    row = (await session.execute(READ, {"hash": digest(value)})).first()
    if row is None:
        return None
    return BrowserSession(row.id, row.user_id, Proof(row.acr, tuple(row.amr), row.auth_time), row.auth_time)


async def start(
    session: AsyncSession, user_id: UUID, proof: Proof, *, device: str | None, before: BrowserSession | None
) -> Started:
    """Sign an admitted user in. The same person's session goes on with the new proof; another person's ends."""
    cookie = new_secret()
    if before is not None and before.user_id == user_id:
        values = {"session_id": before.id, "at": proof.at, "acr": proof.acr, "amr": list(proof.amr)}
        auth_time = (await session.execute(AGAIN, values)).scalar_one()
        session_id = before.id
        await session.execute(DROP, {"session_id": session_id})
    else:
        if before is not None:
            await end(session, before.id)
        opened = await open_session(session, user_id, None, proof, seconds=LIVES, device=device)
        session_id, auth_time = opened.id, opened.auth_time
    await session.execute(KEEP, {"hash": digest(cookie), "session_id": session_id})
    return Started(session_id, auth_time, cookie)


async def end(session: AsyncSession, session_id: UUID) -> None:
    """Sign out in the browser: the session ends, and with it what it lent to clients.

    What a person lets a client have beyond that (`offline_access`) stays; the client hears of the end all the same.
    """
    await session.execute(DROP, {"session_id": session_id})
    await sessions.end(session, session_id, "signed-out")
    await session.execute(TELL, {"session_id": session_id})


def _named(name: str, parts: Parts) -> str:
    """Where the platform is reached by https the name itself binds the cookie to this host (RFC 6265bis, 4.1.3)."""
    return f"__Host-{name}" if _secure(parts) else name


def _secure(parts: Parts) -> bool:
    return parts.settings.public_url.startswith("https://")


def _cookie(name: str, value: str, parts: Parts, seconds: int) -> Cookie:
    return Cookie(name, value=value, path="/", max_age=seconds, httponly=True, samesite="lax", secure=_secure(parts))
