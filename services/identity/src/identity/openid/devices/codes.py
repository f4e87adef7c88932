"""Devices without a keyboard: a code that the device asks with and one that a person types (RFC 8628)."""

import secrets
from datetime import timedelta
from typing import Any, Literal

from sqlalchemy import func, text
from sqlalchemy.ext.asyncio import AsyncSession

from identity.openid import browser_sessions
from identity.openid.clients import Client
from identity.openid.interactions.models import Interaction
from identity.openid.models import DeviceCode
from identity.openid.token.lending import Allowed
from identity.parts import Parts
from identity.sessions.proofs import Proof

LIVES = timedelta(seconds=600)
INTERVAL, SLOWER = 5, 5
ALPHABET = "BCDFGHJKLMNPQRSTVWXZ"
"""No vowels, so that no words come about, and nothing that looks like another letter (RFC 8628, section 6.1)."""
LENGTH, GROUP = 8, 4

State = Literal["pending", "approved", "denied", "used"]

POLL = text(f"""
    WITH was AS (SELECT * FROM oauth2_device_codes WHERE hash = :hash AND client_id = :client_id FOR UPDATE)
    UPDATE oauth2_device_codes d
       SET "interval" = d."interval" + CASE WHEN was.next_poll_at > clock_timestamp() THEN {SLOWER} ELSE 0 END,
           next_poll_at = clock_timestamp() + make_interval(secs =>
               d."interval" + CASE WHEN was.next_poll_at > clock_timestamp() THEN {SLOWER} ELSE 0 END),
           state = CASE WHEN was.state = 'approved' AND was.expires_at > clock_timestamp() THEN 'used'
                        ELSE was.state END
      FROM was WHERE d.hash = was.hash
    RETURNING was.state, was.next_poll_at > clock_timestamp() AS too_fast,
              was.expires_at <= clock_timestamp() AS expired, was.scopes, was.user_id, was.provider_session_id,
              was.acr, was.amr, was.auth_time
""")  # noqa: S608
FIND = text("""
    SELECT d.hash, d.client_id, d.scopes FROM oauth2_device_codes d
     WHERE d.user_code = :user_code AND d.state = 'pending' AND d.expires_at > clock_timestamp()
""")
SETTLE = text("""
    UPDATE oauth2_device_codes
       SET state = :state, user_id = :user_id, provider_session_id = :session_id, acr = :acr, amr = :amr,
           auth_time = :auth_time
     WHERE hash = :hash AND state = 'pending' AND expires_at > clock_timestamp() RETURNING hash
""")
SWEEP = text("DELETE FROM oauth2_device_codes WHERE expires_at < now() - interval '1 hour'")


class Polled:
    """What a device finds when it asks, as Authlib reads it."""

    def __init__(self, client: Client, row: Any) -> None:
        """`row` is what `POLL` returned."""
        self._client, self._row = client, row
        self.state: State = row.state
        self.too_fast: bool = row.too_fast

    @property
    def allowed(self) -> Allowed:
        """What the person let the device have, once they did."""
        row = self._row
        return Allowed(
            user_id=row.user_id,
            provider_session_id=row.provider_session_id,
            scopes=row.scopes,
            proof=Proof(row.acr, row.amr, row.auth_time),
        )

    def is_expired(self) -> bool:
        """Whether the person took too long."""
        return self._row.expired

    def get_client_id(self) -> str:
        """Whose device it is."""
        return self._client.client_id

    def get_scope(self) -> str:
        """What it asked for."""
        return " ".join(self._row.scopes)

    def get_user_code(self) -> str:
        """Nothing: the state stands in the same row."""
        return ""


def new_user_code() -> str:
    """34 random bits as two groups of letters."""
    letters = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
    return f"{letters[:GROUP]}-{letters[GROUP:]}"


def mark(parts: Parts, typed: str) -> bytes:
    """By what a person's code is known, however it was typed."""
    letters = "".join(letter for letter in typed.upper() if letter.isalnum())
    return parts.vault.mark("device-user-code", letters.encode("utf-8", "replace"))


async def issue(
    session: AsyncSession, parts: Parts, client: Client, device_code: str, user_code: str, scopes: list[str]
) -> None:
    """Keep a device's request."""
    session.add(
        DeviceCode(
            hash=browser_sessions.digest(device_code),
            client_id=client.id,
            user_code=mark(parts, user_code),
            scopes=scopes,
            state="pending",
            interval=INTERVAL,
            next_poll_at=func.clock_timestamp(),
            expires_at=func.clock_timestamp() + LIVES,
        )
    )
    await session.flush()


async def poll(session: AsyncSession, client: Client, device_code: str) -> Polled | None:
    """What became of a device's request. Asking too often makes the wait longer; an approval counts once."""
    key = {"hash": browser_sessions.digest(device_code), "client_id": client.id}
    row = (await session.execute(POLL, key)).first()
    return Polled(client, row) if row is not None else None


async def find(session: AsyncSession, parts: Parts, typed: str) -> Any:
    """The request whose code a person typed; None where there is none that waits."""
    return (await session.execute(FIND, {"user_code": mark(parts, typed)})).first()


async def settle(session: AsyncSession, interaction: Interaction, state: State) -> bool:
    """Note the person's answer; False where it comes too late."""
    values = {
        "hash": interaction.device_code,
        "state": state,
        "user_id": interaction.user_id,
        "session_id": interaction.session_id,
        "acr": interaction.acr,
        "amr": interaction.amr,
        "auth_time": interaction.auth_time,
    }
    return (await session.execute(SETTLE, values)).first() is not None
