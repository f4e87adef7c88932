"""What a person lets a client have: a session of its own with scopes, and the tokens of it.

It ends with the sign-in at the provider, and lives no longer, unless the person allowed more (`offline_access`).
"""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from authlib.oidc.core.util import create_half_hash
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from identity import tokens
from identity.openid import claims
from identity.openid.clients import Client
from identity.openid.scopes import OFFLINE, OPENID
from identity.parts import Parts
from identity.sessions import commands as sessions
from identity.sessions import facts, families
from identity.sessions.facts import Facts
from identity.sessions.opening import Lent, open_session
from identity.sessions.proofs import Proof
from identity.signing_keys.keyring import ALGORITHM

PROVIDER_SESSION = text("""
    SELECT s.expires_at FROM sessions s JOIN users u ON u.id = s.user_id
     WHERE s.id = :session_id AND s.user_id = :user_id AND s.ended_at IS NULL AND s.expires_at > clock_timestamp()
       AND (u.sessions_ended_at IS NULL OR s.created_at > u.sessions_ended_at)
       FOR SHARE OF s
""")
"""Locked until what it is lent for is written: whoever signs out beside that comes before it or finds it."""
ALIVE = text("""
    SELECT s.id, s.user_id, s.expires_at, s.scopes, s.claims, s.acr, s.amr, s.auth_time
      FROM sessions s JOIN users u ON u.id = s.user_id
     WHERE s.id = :session_id AND s.client_id = :client_id AND s.ended_at IS NULL AND s.expires_at > clock_timestamp()
       AND u.state = 'confirmed' AND (u.sessions_ended_at IS NULL OR s.created_at > u.sessions_ended_at)
       FOR KEY SHARE OF u
""")


class Allowed(msgspec.Struct, frozen=True, kw_only=True):
    """What a person has let a client have, on its way there: by a code, or by a device's."""

    user_id: UUID
    provider_session_id: UUID
    scopes: list[str]
    proof: Proof
    nonce: str | None = None
    claims: dict[str, Any] | None = None


class Loan(msgspec.Struct, frozen=True, kw_only=True):
    """A client's session that lives, and of whom. `left` is in seconds; `scopes` are those of the next token."""

    session_id: UUID
    who: Facts
    scopes: list[str]
    proof: Proof
    left: float
    claims: dict[str, Any] | None = None
    nonce: str | None = None
    refresh_token: str | None = None


async def begin(session: AsyncSession, client: Client, allowed: Allowed, *, refreshable: bool) -> Loan | None:
    """Begin a client's session; None when the person may not sign in, has signed out, or left the organization."""
    if not await sessions.admit(session, allowed.user_id, None):
        return None
    asked = {"session_id": allowed.provider_session_id, "user_id": allowed.user_id}
    until: datetime | None = await session.scalar(PROVIDER_SESSION, asked)
    who = await facts.read(session, allowed.user_id)
    if until is None or client.organization_id not in who.organizations:
        return None
    lent = Lent(
        client_id=client.id,
        scopes=allowed.scopes,
        claims=allowed.claims,
        provider_session_id=allowed.provider_session_id,
        to_tell=client.backchannel_logout_uri is not None,
    )
    opened = await open_session(
        session,
        allowed.user_id,
        client.organization_id,
        allowed.proof,
        seconds=_lifetime(allowed.scopes, (until - who.at).total_seconds(), refreshable=refreshable),
        device=client.name,
        lent=lent,
    )
    return Loan(
        session_id=opened.id,
        who=who,
        scopes=allowed.scopes,
        proof=msgspec.structs.replace(allowed.proof, at=opened.auth_time),
        left=(opened.expires_at - who.at).total_seconds(),
        claims=allowed.claims,
        nonce=allowed.nonce,
        refresh_token=await families.found(session, opened.id) if refreshable else None,
    )


async def again(session: AsyncSession, parts: Parts, client: Client, refresh_token: str) -> Loan | None:
    """The session of a refresh token, and the token that comes after it. None where it counts no more.

    A token that was used before ends its session, and so does the person's leaving the organization.
    """
    used = await families.use(session, parts.vault, refresh_token, client.id)
    if isinstance(used, families.Misused):
        if used.reused and used.session_id:
            await sessions.end(session, used.session_id, "reuse")
        return None
    row = (await session.execute(ALIVE, {"session_id": used.session_id, "client_id": client.id})).first()
    if row is None:
        return None
    who = await facts.read(session, row.user_id)
    if client.organization_id not in who.organizations:
        await sessions.end(session, row.id, "revoked")
        return None
    return Loan(
        session_id=row.id,
        who=who,
        scopes=[scope for scope in row.scopes if scope in client.scopes],
        proof=Proof(row.acr, row.amr, row.auth_time),
        left=(row.expires_at - who.at).total_seconds(),
        claims=row.claims,
        refresh_token=used.successor,
    )


async def answer(session: AsyncSession, parts: Parts, client: Client, loan: Loan) -> dict[str, Any]:
    """The token response (RFC 6749, section 5.1; OpenID Connect Core, section 3.1.3.3)."""
    seconds = max(1.0, min(tokens.ACCESS_SECONDS, loan.left))
    roles = loan.who.roles_in(client.organization_id)
    subject = tokens.Subject(
        user_id=loan.who.user_id,
        session_id=loan.session_id,
        organization_id=client.organization_id,
        roles=tuple(role for role in roles if not role.startswith("system.")),
        at=loan.who.at,
        proof=loan.proof,
        scopes=frozenset(loan.scopes),
        client=client.client_id,
    )
    made: dict[str, Any] = {
        "access_token": tokens.access_token(parts, subject, seconds),
        "token_type": "Bearer",
        "expires_in": int(seconds),
        "scope": " ".join(loan.scopes),
    }
    if loan.refresh_token is not None:
        made["refresh_token"] = loan.refresh_token
    if OPENID in loan.scopes:
        told = await _told(session, loan, made["access_token"])
        made["id_token"] = tokens.client_id_token(parts, subject, seconds, told)
    return made


async def _told(session: AsyncSession, loan: Loan, access_token: str) -> dict[str, Any]:
    """What an id token says beside who it is about: claims that were asked of it, the rest is at userinfo."""
    named = (loan.claims or {}).get("id_token") or {}
    hashed = create_half_hash(access_token, ALGORITHM)
    fixed = {"nonce": loan.nonce, "at_hash": hashed.decode() if hashed else None}
    return await claims.of(session, loan.who.user_id, None, named) | fixed


def _lifetime(scopes: list[str], provider_seconds: float, *, refreshable: bool) -> float:
    """For how many seconds a client's session lives."""
    if not refreshable:
        return min(tokens.ACCESS_SECONDS, provider_seconds)
    return sessions.SESSION_SECONDS if OFFLINE in scopes else provider_seconds
