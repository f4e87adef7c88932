"""Making, rotating and revoking API keys."""

import os
from datetime import timedelta
from typing import Any, NamedTuple
from uuid import UUID

from chassis.api_keys import PREFIX, digest, written
from chassis.principal import Principal
from chassis.runtime import Runtime
from contracts.identity import ApiKeyRevoked
from contracts.scopes import SCOPES
from kernel import Conflict, DomainError, Forbidden, Invalid, NotFound, Problems, now, uuid7
from messaging import publish
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from identity.api_keys import queries
from identity.api_keys.models import ApiKey, ApiKeySecret
from identity.api_keys.schemas import KIND, NewApiKeyAttributes
from identity.audit_events.commands import record
from identity.service_accounts.models import ServiceAccount
from identity.service_accounts.queries import is_machine
from identity.step_up import require_recent
from identity.throttling.budgets import API_KEY_PERSON
from identity.throttling.commands import demand
from identity.users.models import UserOrganization
from identity.users.visibility import admin_of

AT = "/data/attributes"
SHOWN = len(PREFIX) + 4
SECRET_BYTES = 32
MOST_OF_A_USER = 100
"""Keys of one person or service account that count at the same time."""

LOCK = text("SELECT id FROM users WHERE id = :user_id AND state = 'confirmed' FOR NO KEY UPDATE")
OVERLAP = text("""
    UPDATE api_key_secrets s
       SET expires_at = least(coalesce(expires_at, 'infinity'), clock_timestamp() + CASE WHEN s.hash = newest.hash
                              THEN CAST(:overlap AS interval) ELSE interval '0' END)
      FROM (SELECT hash FROM api_key_secrets WHERE api_key_id = :key_id ORDER BY created_at DESC LIMIT 1) newest
     WHERE s.api_key_id = :key_id
""")
REVOKE = text("""
    UPDATE api_keys SET revoked_at = clock_timestamp() WHERE id = :key_id AND revoked_at IS NULL
    RETURNING user_id, organization_id
""")
COUNT = text("""
    SELECT count(*) FROM api_keys
     WHERE user_id = :user_id AND revoked_at IS NULL AND coalesce(expires_at > clock_timestamp(), true)
""")
OF_USER = text("""
    SELECT id FROM api_keys
     WHERE user_id = :user_id AND revoked_at IS NULL
       AND (CAST(:organization_id AS uuid) IS NULL OR organization_id = :organization_id)
     ORDER BY id
""")
SWEEP = text("""
    DELETE FROM api_keys WHERE revoked_at < now() - interval '90 days' OR expires_at < now() - interval '90 days'
""")


class Made(NamedTuple):
    """A key and its secret, which nobody can read again."""

    row: ApiKey
    secret: str


async def create(session: AsyncSession, runtime: Runtime, principal: Principal, asked: NewApiKeyAttributes) -> Made:
    """Make a key. Raises Invalid, NotFound, Forbidden, Conflict, or InsufficientAuthentication."""
    if principal.user_id is None:
        raise Forbidden("Services have no API keys.")
    check_scopes(asked.scopes, f"{AT}/scopes")
    if asked.expires_at is not None and asked.expires_at <= now():
        raise Invalid("This is over already.", pointer=f"{AT}/expires-at")
    organization_id = asked.organization_id or principal.organization_id
    if organization_id is None:
        raise Invalid("Name the organization.", pointer=f"{AT}/organization-id", code="required")
    await demand(runtime, (API_KEY_PERSON, principal.subject))
    await require_recent(session, principal)
    user_id = await _bearer(session, principal, organization_id, asked.service_account_id)
    await _check_room(session, user_id)
    row = ApiKey(
        id=uuid7(),
        organization_id=organization_id,
        user_id=user_id,
        name=checked_text(asked.name, f"{AT}/name"),
        scopes=sorted(asked.scopes),
        created_by=principal.user_id,
        expires_at=asked.expires_at,
    )
    session.add(row)
    await session.flush()  # the key is there before its secret
    secret = await _add_secret(session, row)
    where: dict[str, Any] = {"organization_id": organization_id, "target": f"{KIND}:{row.id}"}
    record(session, principal, "api-key-created", user_id, **where, scopes=row.scopes)
    return Made(row, secret)


async def rotate(session: AsyncSession, runtime: Runtime, principal: Principal, key_id: UUID, overlap: int) -> Made:
    """Give a key another secret; the one before it counts for `overlap` more seconds, older ones no more.

    Whoever sees the secret can act as the key does, so a person's is for that person alone, and administrators revoke
    it. Raises NotFound, Forbidden, Conflict for a key that does not count any more, or InsufficientAuthentication.
    """
    await demand(runtime, (API_KEY_PERSON, principal.subject))
    await require_recent(session, principal)
    row = await queries.read(session, principal, key_id, lock=True)
    await _check_changes(session, principal, row)
    if row.user_id != principal.user_id and not await is_machine(session, row.user_id):
        raise Forbidden("Only the person whom the key acts as may have its secret; it can be revoked.")
    if row.revoked_at is not None or (row.expires_at is not None and row.expires_at <= now()):
        raise Conflict("The key does not count any more; make another one.", code="key-over")
    await session.execute(OVERLAP, {"key_id": row.id, "overlap": timedelta(seconds=overlap)})
    secret = await _add_secret(session, row)
    where: dict[str, Any] = {"organization_id": row.organization_id, "target": f"{KIND}:{row.id}"}
    record(session, principal, "api-key-rotated", row.user_id, **where, overlap_seconds=overlap)
    return Made(row, secret)


async def revoke(session: AsyncSession, principal: Principal, key_id: UUID) -> None:
    """End a key and every token made of it. Revoking twice changes nothing. Raises NotFound or Forbidden."""
    row = await queries.read(session, principal, key_id)
    await _check_changes(session, principal, row)
    await _end(session, principal, key_id)


async def revoke_all(
    session: AsyncSession, principal: Principal | None, user_id: UUID, organization_id: UUID | None = None
) -> None:
    """End every key that acts as somebody, in one organization or in all."""
    for key_id in (await session.scalars(OF_USER, {"user_id": user_id, "organization_id": organization_id})).all():
        await _end(session, principal, key_id)


def check_scopes(scopes: list[str], pointer: str) -> None:
    """Raise Problems that name each scope that there is not, or that was given twice."""
    problems: list[DomainError] = [
        Invalid("There is no such scope.", pointer=f"{pointer}/{place}", code="unknown-scope")
        for place, scope in enumerate(scopes)
        if scope not in SCOPES
    ]
    if not problems and len(set(scopes)) < len(scopes):
        problems.append(Invalid("A scope stands there twice.", pointer=pointer))
    if problems:
        raise Problems(problems)


def checked_text(typed: str, pointer: str) -> str:
    """A name without blanks around it. Raises Invalid for what nobody could read."""
    name = typed.strip()
    if not name or not name.isprintable():
        raise Invalid("This is no name.", pointer=pointer)
    return name


async def _bearer(
    session: AsyncSession, principal: Principal, organization_id: UUID, service_account_id: UUID | None
) -> UUID:
    """As whom the key will act: the caller, who is staff there, or a service account that they administer."""
    place = (principal.user_id, organization_id)
    belonging = await session.get(UserOrganization, place)
    if (belonging is None or belonging.account_type != "provider") and not principal.is_operator:
        raise NotFound("There is no such organization.", pointer=f"{AT}/organization-id")
    if service_account_id is None:
        if belonging is None or principal.user_id is None:
            raise Forbidden("A key acts as somebody of the organization: name a service account.")
        return principal.user_id
    if not principal.is_operator and not await admin_of(session, principal.user_id, organization_id):
        raise Forbidden("Only administrators make keys for service accounts.")
    account = await session.get(ServiceAccount, service_account_id)
    if account is None or account.organization_id != organization_id or account.deleted_at is not None:
        raise NotFound("There is no such service account.", pointer=f"{AT}/service-account-id")
    return account.id


async def _check_room(session: AsyncSession, user_id: UUID) -> None:
    """The user's row is locked, so nobody gets a key beside being disabled, and the count holds."""
    if (await session.execute(LOCK, {"user_id": user_id})).first() is None:
        raise Conflict("The account is disabled.", code="not-possible")
    if (await session.scalar(COUNT, {"user_id": user_id}) or 0) >= MOST_OF_A_USER:
        raise Conflict(f"{MOST_OF_A_USER} keys are as many as one account has.", code="too-many")


async def _check_changes(session: AsyncSession, principal: Principal, row: ApiKey) -> None:
    mine = row.user_id == principal.user_id or principal.is_operator
    if not mine and not await admin_of(session, principal.user_id, row.organization_id):
        raise Forbidden("Only who the key acts as, and administrators of its organization, may do this.")


async def _add_secret(session: AsyncSession, row: ApiKey) -> str:
    secret = written(os.urandom(SECRET_BYTES))
    session.add(ApiKeySecret(hash=digest(secret), api_key_id=row.id, start=secret[:SHOWN]))
    await session.flush()
    return secret


async def _end(session: AsyncSession, principal: Principal | None, key_id: UUID) -> None:
    ended = (await session.execute(REVOKE, {"key_id": key_id})).first()
    if ended is None:
        return
    where: dict[str, Any] = {"organization_id": ended.organization_id, "target": f"{KIND}:{key_id}"}
    record(session, principal, "api-key-revoked", ended.user_id, **where)
    await publish(
        session, ApiKeyRevoked(api_key_id=key_id, organization_id=ended.organization_id, user_id=ended.user_id)
    )
