"""Sessions that begin without tokens: a browser's at the provider, and what a person lets a client have."""

from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
from contracts.identity import SessionStarted
from kernel import uuid7
from messaging import publish
from sqlalchemy import bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.types import Text

from identity.sessions.proofs import Proof

OPEN = text("""
    WITH opened AS (
        INSERT INTO sessions (id, user_id, organization_id, expires_at, interactive, device, auth_time, acr, amr,
                              client_id, provider_session_id, scopes, claims, client_to_tell)
        VALUES (:id, :user_id, :organization_id, clock_timestamp() + :lives, true, :device,
                coalesce(CAST(:auth_time AS timestamptz), clock_timestamp()), :acr, :amr,
                :client_id, :provider_session_id, :scopes, :claims, :client_to_tell)
        RETURNING expires_at, auth_time),
    seen AS (UPDATE users SET last_login_at = clock_timestamp() WHERE id = :user_id),
    noted AS (INSERT INTO user_activities (id, user_id, event_type) VALUES (:activity_id, :user_id, 'login')),
    told AS (
        INSERT INTO audit_events (id, actor, action, user_id, organization_id, target)
        VALUES (:audit_id, :actor, :action, :user_id, :organization_id, :target))
    SELECT expires_at, auth_time FROM opened
""").bindparams(
    bindparam("amr", type_=ARRAY(Text())),
    bindparam("scopes", type_=ARRAY(Text())),
    bindparam("claims", type_=JSONB(none_as_null=True)),
)


class Lent(msgspec.Struct, frozen=True, kw_only=True):
    """What a client is given: scopes, and claims by name. `provider_session_id` is the sign-in that it ends with."""

    client_id: UUID
    scopes: list[str]
    claims: dict[str, Any] | None = None
    provider_session_id: UUID | None = None
    to_tell: bool = False


class Opened(NamedTuple):
    """A session that has begun."""

    id: UUID
    expires_at: datetime
    auth_time: datetime


async def open_session(
    session: AsyncSession,
    user_id: UUID,
    organization_id: UUID | None,
    proof: Proof,
    *,
    seconds: float,
    device: str | None,
    lent: Lent | None = None,
) -> Opened:
    """Begin a session of a user whose row is locked, who was admitted and has shown `proof`. Lifetime in seconds."""
    session_id = uuid7()
    values = {
        "id": session_id,
        "user_id": user_id,
        "actor": str(user_id),
        "action": "client-let-in" if lent else "signed-in",
        "target": f"oauth2-clients:{lent.client_id}" if lent else f"sessions:{session_id}",
        "activity_id": uuid7(),
        "audit_id": uuid7(),
        "organization_id": organization_id,
        "lives": timedelta(seconds=seconds),
        "device": device,
        "auth_time": proof.at,
        "acr": proof.acr,
        "amr": list(proof.amr),
        "client_id": lent.client_id if lent else None,
        "provider_session_id": lent.provider_session_id if lent else None,
        "scopes": lent.scopes if lent else None,
        "claims": lent.claims if lent else None,
        "client_to_tell": lent.to_tell if lent else False,
    }
    expires_at, auth_time = (await session.execute(OPEN, values)).one()
    await publish(session, SessionStarted(session_id=session_id, user_id=user_id))
    return Opened(session_id, expires_at, auth_time)
