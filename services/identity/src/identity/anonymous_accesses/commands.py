"""Making, changing and ending links."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import msgspec
from chassis.principal import Principal
from chassis.runtime import Runtime
from kernel import Conflict, Forbidden, Invalid, NotFound, now
from msgspec import UNSET
from sqlalchemy import exists, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from identity.anonymous_accesses import endpoints
from identity.anonymous_accesses.models import AnonymousAccess
from identity.anonymous_accesses.schemas import (
    KIND,
    AnonymousAccessAttributes,
    ChangedAnonymousAccessAttributes,
    Endpoint,
    NewAnonymousAccessAttributes,
)
from identity.audit_events.commands import record
from identity.service_accounts.queries import is_machine
from identity.sessions import facts
from identity.throttling.budgets import ANONYMOUS_PERSON
from identity.throttling.commands import demand
from identity.users import queries as users
from identity.users.models import User, UserRole
from identity.users.visibility import administers

AT = "/data/attributes"
LONGEST = timedelta(days=90)
SWEEP = text("DELETE FROM anonymous_accesses WHERE expires_at < now() - interval '30 days'")


async def create(
    session: AsyncSession, runtime: Runtime, principal: Principal, asked: NewAnonymousAccessAttributes
) -> AnonymousAccess:
    """Make a link for a user. Raises NotFound, Forbidden, Conflict, Invalid or TooManyRequests."""
    if principal.user_id is None:
        raise Forbidden("Services make no links.")
    kept = endpoints.checked(asked.allowed_endpoints, f"{AT}/allowed-endpoints")
    if asked.expired_at <= now():
        raise Invalid("This is over already.", pointer=f"{AT}/expired-at")
    _check_expiry(asked.expired_at)
    await demand(runtime, (ANONYMOUS_PERSON, principal.subject))
    await _check_user(session, principal, asked.user_id)
    who = await facts.read(session, asked.user_id)
    row = AnonymousAccess(
        id=uuid4(),
        user_id=asked.user_id,
        organization_id=who.organization(principal.organization_id),
        allowed_endpoints=kept,
        expires_at=asked.expired_at,
        created_by=principal.user_id,
    )
    session.add(row)
    _note(session, principal, row, "anonymous-access-created")
    await session.flush()
    return row


async def read(session: AsyncSession, principal: Principal, access_id: UUID, *, lock: bool = False) -> AnonymousAccess:
    """A link that the caller made, that is for them, or whose user they administer. Raises NotFound."""
    statement = select(AnonymousAccess).where(AnonymousAccess.id == access_id)
    row = (await session.scalars(statement.with_for_update() if lock else statement)).first()
    if row is None:
        raise NotFound
    seen = principal.is_support or principal.service is not None
    if not seen and principal.user_id not in {row.created_by, row.user_id}:
        seen = await administers(session, principal, row.user_id)
    elif principal.user_id is not None:
        seen = True
    if not seen:
        raise NotFound
    return row


async def update(
    session: AsyncSession, principal: Principal, access_id: UUID, asked: ChangedAnonymousAccessAttributes
) -> AnonymousAccess:
    """Change what a link allows, or until when. Raises NotFound, Forbidden, Invalid or Problems."""
    row = await read(session, principal, access_id, lock=True)
    if asked.allowed_endpoints is not UNSET:
        await _check_user(session, principal, row.user_id)
        row.allowed_endpoints = endpoints.checked(asked.allowed_endpoints, f"{AT}/allowed-endpoints")
    if asked.expired_at is not UNSET:
        if asked.expired_at > row.expires_at:
            await _check_user(session, principal, row.user_id)
        _check_expiry(asked.expired_at)
        row.expires_at = asked.expired_at
    _note(session, principal, row, "anonymous-access-changed")
    await session.flush()
    await session.refresh(row)
    return row


async def delete(session: AsyncSession, principal: Principal, access_id: UUID) -> None:
    """End a link. Raises NotFound."""
    row = await read(session, principal, access_id, lock=True)
    _note(session, principal, row, "anonymous-access-deleted")
    await session.delete(row)


def attributes(row: AnonymousAccess) -> AnonymousAccessAttributes:
    """A link's attributes."""
    return AnonymousAccessAttributes(
        user_id=row.user_id,
        allowed_endpoints=msgspec.convert(row.allowed_endpoints, list[Endpoint]),
        expired_at=row.expires_at,
        created_at=row.created_at,
        last_modified_at=row.updated_at,
    )


async def _check_user(session: AsyncSession, principal: Principal, user_id: UUID) -> None:
    """Links are for oneself, or for whom one administers; never for the operator's staff."""
    user: User = await users.read(session, principal, user_id)
    if user_id != principal.user_id and not await administers(session, principal, user_id):
        raise Forbidden("This takes the user, or an administrator of all of their organizations.")
    if await session.scalar(select(exists().where(UserRole.user_id == user_id, UserRole.organization_id.is_(None)))):
        raise Forbidden("There are no links for the operator's staff.", pointer=f"{AT}/user-id", code="system-role")
    if await is_machine(session, user_id):
        raise Forbidden("There are no links for machines.", pointer=f"{AT}/user-id", code="service-account")
    if user.state != "confirmed":
        raise Conflict("The user may not sign in.", pointer=f"{AT}/user-id", code="not-possible")


def _check_expiry(expired_at: datetime) -> None:
    if expired_at > now() + LONGEST:
        raise Invalid(f"A link lives {LONGEST.days} days at most.", pointer=f"{AT}/expired-at")


def _note(session: AsyncSession, principal: Principal, row: AnonymousAccess, action: str) -> None:
    """The audit trail names what is allowed, and never the id: who reads it there could use it."""
    named = [f"{one['method']} {one['path']}" for one in row.allowed_endpoints]
    where: dict[str, Any] = {"organization_id": row.organization_id, "target": f"{KIND}:{short(row.id)}"}
    record(session, principal, action, row.user_id, **where, endpoints=named)


def short(access_id: UUID) -> str:
    """A link as logs and the audit trail may name it."""
    return f"{str(access_id)[:8]}…"
