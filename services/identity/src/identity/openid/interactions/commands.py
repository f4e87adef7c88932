"""Moving an interaction on, from a client's request to its answer.

A page or an identity provider that has found out who somebody is calls `signed_in` and sends the browser to
`address(interaction)`, which goes on with whatever is missing (`queries.next_step`).
"""

from datetime import timedelta
from typing import NamedTuple
from uuid import UUID

import msgspec
from kernel import Unauthorized, uuid7
from sqlalchemy import func, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from identity.oauth2_client_settings.models import OAuth2Client
from identity.openid import browser_sessions
from identity.openid.browser_sessions import BrowserSession
from identity.openid.interactions.models import Interaction
from identity.openid.interactions.requests import Request
from identity.openid.models import Consent
from identity.sessions import commands as sessions
from identity.sessions.proofs import Proof

LIVES = timedelta(minutes=30)
CLOSE = text("""
    UPDATE oauth2_interactions SET ended_at = clock_timestamp() WHERE id = :id AND ended_at IS NULL RETURNING id
""")
SWEEP = text("DELETE FROM oauth2_interactions WHERE expires_at < now() - interval '10 minutes'")


class Arrival(NamedTuple):
    """The browser that a request came with: its secret, and who is signed in there."""

    browser: str
    signed_in: BrowserSession | None


async def open_(
    session: AsyncSession,
    client: OAuth2Client,
    request: Request,
    arrival: Arrival,
    *,
    device_code: bytes | None = None,
) -> Interaction:
    """Begin an interaction. Whoever is signed in in the browser already is who answers, if that will do."""
    made = Interaction(
        id=uuid7(),
        client_id=client.id,
        organization_id=client.organization_id,
        request=msgspec.to_builtins(request),
        browser=browser_sessions.digest(arrival.browser),
        device_code=device_code,
        expires_at=func.clock_timestamp() + LIVES,
    )
    session.add(made)
    if (known := arrival.signed_in) is not None:
        _show(made, known.user_id, known.id, known.proof)
    await session.flush()
    await session.refresh(made)
    return made


def proven(interaction: Interaction, user_id: UUID, amr: tuple[str, ...]) -> None:
    """Note that somebody has shown a first factor and owes a second one."""
    interaction.proven_user_id, interaction.proven_amr = user_id, list(amr)


async def signed_in(
    session: AsyncSession,
    interaction: Interaction,
    user_id: UUID,
    proof: Proof,
    *,
    before: BrowserSession | None,
    password_hash: str | None = None,
    device: str | None = None,
) -> str:
    """Sign somebody in who has shown all that it takes; answers the cookie's value (`browser_sessions.session_cookie`).

    `before` is who was signed in in the browser (`browser_sessions.read`), `password_hash` the hash that was checked,
    if one was. Raises Unauthorized for who may not sign in now.
    """
    if not await sessions.admit(session, user_id, password_hash):
        raise Unauthorized("This user may not sign in.", code="invalid-credentials")
    started = await browser_sessions.start(session, user_id, proof, device=device, before=before)
    _show(interaction, user_id, started.session_id, msgspec.structs.replace(proof, at=started.auth_time))
    interaction.proven_user_id = interaction.proven_amr = None
    return started.cookie


async def consented(session: AsyncSession, interaction: Interaction, scopes: list[str], claims: list[str]) -> None:
    """Note that the person lets the client have these, now and from now on, beside what they let it have before."""
    statement = insert(Consent).values(
        user_id=interaction.user_id, client_id=interaction.client_id, scopes=sorted(scopes), claims=sorted(claims)
    )
    merged = {
        name: text(f"ARRAY(SELECT DISTINCT unnest(oauth2_consents.{name} || excluded.{name}) ORDER BY 1)")
        for name in ("scopes", "claims")
    }
    await session.execute(
        statement.on_conflict_do_update(
            index_elements=["user_id", "client_id"], set_={**merged, "given_at": func.clock_timestamp()}
        )
    )
    interaction.consented_at = func.clock_timestamp()
    await session.flush()
    await session.refresh(interaction)


async def close(session: AsyncSession, interaction: Interaction) -> bool:
    """End an interaction, once; False when it has ended before."""
    return (await session.execute(CLOSE, {"id": interaction.id})).first() is not None


def address(interaction: Interaction) -> str:
    """Where the browser goes on with an interaction, within the platform's address."""
    return f"/oauth2/interactions/{interaction.id}"


def _show(interaction: Interaction, user_id: UUID, session_id: UUID, proof: Proof) -> None:
    interaction.user_id, interaction.session_id = user_id, session_id
    interaction.acr, interaction.amr, interaction.auth_time = proof.acr, list(proof.amr), proof.at
