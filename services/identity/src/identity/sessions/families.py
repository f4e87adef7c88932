"""Refresh tokens: a session owns a family, each token has one successor, and using an older one ends the family."""

import base64
import hashlib
import os
from uuid import UUID

import msgspec
from kernel import uuid7
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from identity.vault import Vault

PREFIX = "mst_rt_"
TOKEN_BYTES = 32
SALT_BYTES = 16
REPLAYS = 5
REPLAY_SECONDS = 10

ADD = text("""
    WITH seen AS (
        UPDATE sessions SET last_seen_at = clock_timestamp()
         WHERE id = :session_id AND last_seen_at < clock_timestamp() - interval '1 minute'
        RETURNING user_id),
    noted AS (
        INSERT INTO user_activities (id, user_id, event_type) SELECT :activity_id, user_id, 'refr' FROM seen)
    INSERT INTO refresh_tokens (hash, session_id, previous, salt) VALUES (:hash, :session_id, :previous, :salt)
""")
OF_CLIENT = """
    EXISTS (SELECT FROM sessions s WHERE s.id = r.session_id AND s.client_id IS NOT DISTINCT FROM :client_id)
"""
USE = text(f"""
    UPDATE refresh_tokens r
       SET uses = uses + 1, first_used_at = coalesce(first_used_at, clock_timestamp())
     WHERE hash = :hash
       AND (first_used_at IS NULL
            OR (uses <= {REPLAYS} AND first_used_at > clock_timestamp() - interval '{REPLAY_SECONDS} seconds'
                AND NOT EXISTS (SELECT FROM refresh_tokens n
                                 WHERE n.previous = r.hash AND n.first_used_at IS NOT NULL)))
       AND {OF_CLIENT}
    RETURNING session_id, salt, uses
""")  # noqa: S608
LOOK = text(f"""
    SELECT session_id,
           first_used_at > clock_timestamp() - interval '{REPLAY_SECONDS} seconds'
           AND NOT EXISTS (SELECT FROM refresh_tokens n
                            WHERE n.previous = r.hash AND n.first_used_at IS NOT NULL) AS just_rotated
      FROM refresh_tokens r WHERE hash = :hash AND {OF_CLIENT}
""")  # noqa: S608
SWEEP = text("DELETE FROM refresh_tokens WHERE first_used_at < now() - interval '30 minutes'")


class Used(msgspec.Struct, frozen=True):
    """A token that was good, and the one that comes after it."""

    session_id: UUID
    successor: str


class Misused(msgspec.Struct, frozen=True):
    """A token that is no good. `reused` says that its family must end."""

    session_id: UUID | None
    reused: bool


class Founder(msgspec.Struct, frozen=True):
    """A token that starts a line of its own in a family, and its row's own values."""

    token: str
    hash: bytes
    salt: bytes


def founder() -> Founder:
    """A new token that nobody has seen; its row is still to be written."""
    token = PREFIX + _text(os.urandom(TOKEN_BYTES))
    return Founder(token, _digest(token), os.urandom(SALT_BYTES))


async def found(session: AsyncSession, session_id: UUID) -> str:
    """A new token that starts a line of its own in the session's family."""
    token = PREFIX + _text(os.urandom(TOKEN_BYTES))
    await _add(session, session_id, token, None)
    return token


async def use(session: AsyncSession, vault: Vault, token: str, client_id: UUID | None = None) -> Used | Misused:
    """Use a token. The first use makes the successor; a replay that is allowed gets the same one again.

    `client_id` is the OAuth 2 client that presents it; the token of another one, or of none, is not known to it.
    """
    digest = _digest(token)
    values = {"hash": digest, "client_id": client_id}
    row = (await session.execute(USE, values)).first()
    if row is None:
        known = (await session.execute(LOOK, values)).first()
        return Misused(known.session_id if known else None, known is not None and not known.just_rotated)
    successor = PREFIX + _text(vault.mark("refresh-token", token.encode("utf-8", "replace"), row.salt))
    if row.uses == 1:
        await _add(session, row.session_id, successor, digest)
    return Used(row.session_id, successor)


async def _add(session: AsyncSession, session_id: UUID, token: str, previous: bytes | None) -> None:
    values = {"hash": _digest(token), "session_id": session_id, "previous": previous, "salt": os.urandom(SALT_BYTES)}
    await session.execute(ADD, {**values, "activity_id": uuid7()})


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "replace")).digest()


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")
