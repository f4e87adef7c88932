"""Making, changing and removing clients, and replacing their secrets."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import msgspec
from chassis.principal import Principal
from chassis.runtime import Runtime
from contracts.identity import OAuth2ClientDeleted
from kernel import Conflict, Invalid, NotFound, uuid7
from messaging import publish
from msgspec import UNSET
from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from identity.audit_events.commands import record
from identity.oauth2_client_settings import queries, secrets
from identity.oauth2_client_settings.checking import check
from identity.oauth2_client_settings.models import OAuth2Client
from identity.oauth2_client_settings.schemas import ChangedClientAttributes, NewClientAttributes
from identity.organizations.models import Organization
from identity.sessions import commands as sessions
from identity.step_up import require_recent

MOST_CLIENTS = 200
WITH_SECRET = ("client_secret_basic", "client_secret_post")
COLUMNS = {"require_consent": "asks_consent", "require_pushed_authorization_requests": "pushed_only"}
"""Attributes whose column has another name."""

COUNT = text("SELECT count(*) FROM oauth2_clients WHERE organization_id = :organization_id AND deleted_at IS NULL")
LENT = text("SELECT id FROM sessions WHERE client_id = :client_id AND ended_at IS NULL ORDER BY id FOR UPDATE")


async def create(
    runtime: Runtime, session: AsyncSession, principal: Principal, asked: NewClientAttributes
) -> tuple[OAuth2Client, str | None]:
    """A new client, and its secret if it has one.

    Raises Problems, NotFound, Forbidden, Conflict or InsufficientAuthentication.
    """
    await queries.demand(session, principal, asked.organization_id)
    await require_recent(session, principal)
    known = await session.scalar(
        select(Organization.id).where(Organization.id == asked.organization_id).with_for_update(key_share=True)
    )
    if known is None and principal.is_operator:
        raise NotFound("There is no such organization.", pointer="/data/attributes/organization-id")
    if (await session.execute(COUNT, {"organization_id": asked.organization_id})).scalar_one() >= MOST_CLIENTS:
        raise Conflict(f"An organization has at most {MOST_CLIENTS} clients.", code="too-many-clients")
    row = OAuth2Client(id=uuid7(), client_id=secrets.new_client_id(), auth_method=asked.token_endpoint_auth_method)
    _assign(row, msgspec.structs.asdict(asked))
    check(runtime, row)
    secret = _renew(row) if row.auth_method in WITH_SECRET else None
    session.add(row)
    _note(session, principal, "oauth2-client-created", row)
    return await _written(session, row), secret


async def update(
    runtime: Runtime, session: AsyncSession, principal: Principal, client_id: UUID, asked: ChangedClientAttributes
) -> OAuth2Client:
    """Change a client. Raises Problems, NotFound, Forbidden or InsufficientAuthentication."""
    row = await queries.read(session, principal, client_id, reading=False, lock=True)
    await require_recent(session, principal)
    given = {name: value for name, value in msgspec.structs.asdict(asked).items() if value is not UNSET}
    with session.no_autoflush:
        _assign(row, given)
        check(runtime, row)
    if given:
        _note(session, principal, "oauth2-client-changed", row, members=sorted(given))
    return await _written(session, row)


async def reset_secret(
    session: AsyncSession, principal: Principal, client_id: UUID, overlap_seconds: int
) -> tuple[OAuth2Client, str]:
    """Replace a secret; the old one counts for `overlap_seconds` more.

    Raises NotFound, Forbidden, Invalid or InsufficientAuthentication.
    """
    row = await queries.read(session, principal, client_id, reading=False, lock=True)
    await require_recent(session, principal)
    if row.auth_method not in WITH_SECRET:
        raise Invalid("This client has no secret.", code="no-secret")
    row.previous_secret_hash = row.secret_hash
    row.previous_secret_until = func.clock_timestamp() + timedelta(seconds=overlap_seconds)
    secret = _renew(row)
    _note(session, principal, "oauth2-client-secret-reset", row, overlap_seconds=overlap_seconds)
    return await _written(session, row), secret


async def delete(session: AsyncSession, principal: Principal, client_id: UUID) -> None:
    """Remove a client: its tokens end everywhere, also those in its own name, and it gets no more.

    Raises NotFound or Forbidden.
    """
    row = await queries.read(session, principal, client_id, reading=False, lock=True)
    row.deleted_at = func.clock_timestamp()
    for session_id in list(await session.scalars(LENT, {"client_id": row.id})):
        await sessions.end(session, session_id, "revoked")
    _note(session, principal, "oauth2-client-deleted", row)
    await session.flush()  # it counts no more before that is announced
    await publish(session, OAuth2ClientDeleted(oauth2_client_id=row.id, organization_id=row.organization_id))


def _assign(row: OAuth2Client, given: dict[str, Any]) -> None:
    for name, value in given.items():
        if name != "token_endpoint_auth_method":
            setattr(row, COLUMNS.get(name, name), list(dict.fromkeys(value)) if isinstance(value, list) else value)


def _renew(row: OAuth2Client) -> str:
    secret = secrets.new_secret()
    row.secret_hash, row.secret_set_at = secrets.digest(secret), func.clock_timestamp()
    return secret


async def _written(session: AsyncSession, row: OAuth2Client) -> OAuth2Client:
    await session.flush()
    await session.refresh(row)
    return row


def _note(session: AsyncSession, principal: Principal, action: str, row: OAuth2Client, **details: Any) -> None:
    where: dict[str, Any] = {"organization_id": row.organization_id, "target": f"oauth2-clients:{row.id}"}
    record(session, principal, action, None, **where, **details)
