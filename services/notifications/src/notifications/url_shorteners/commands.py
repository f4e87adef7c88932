"""Making, changing and removing short addresses."""

import secrets
from datetime import datetime, timedelta
from uuid import UUID

import msgspec
from chassis.principal import Principal
from chassis.runtime import Runtime
from contracts.notifications import UrlShortenerCreated, UrlShortenerDeleted, UrlShortenerUpdated
from kernel import Conflict, Invalid, now, uuid7
from messaging import publish
from msgspec import UNSET
from sqlalchemy import func
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from notifications.access import check_write
from notifications.url_shorteners import queries
from notifications.url_shorteners.hosts import POINTER, check_owned
from notifications.url_shorteners.models import UrlShortener
from notifications.url_shorteners.schemas import NewShortener, ShortenerChanges

ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
"""No digit or letter that is taken for another."""
LENGTH = 8
TRIES = 5
LIFETIME = timedelta(days=90)


async def create(runtime: Runtime, session: AsyncSession, principal: Principal, new: NewShortener) -> UrlShortener:
    """Make a short address. Raises NotFound, Forbidden, or Invalid for a foreign host or a time that is over."""
    await check_write(runtime, principal, new.organization_id)
    expires_at = _future(new.expires_at or now() + LIFETIME)
    await check_owned(runtime, new.organization_id, new.netloc)
    values = {
        "organization_id": new.organization_id,
        "netloc": new.netloc.lower(),
        "full_path": new.full_path,
        "expires_at": expires_at,
    }
    for _ in range(TRIES):
        code = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
        statement = insert(UrlShortener).values(id=uuid7(), code=code, **values).on_conflict_do_nothing()
        if (row := await session.scalar(statement.returning(UrlShortener))) is not None:
            await publish(session, UrlShortenerCreated(shortener_id=row.id, organization_id=row.organization_id))
            return row
    raise Conflict("No code was free; try again.", code="no-free-code")


async def update(
    runtime: Runtime, session: AsyncSession, principal: Principal, shortener_id: UUID, changes: ShortenerChanges
) -> UrlShortener:
    """Change what is given; the code stays. Raises as `create` does."""
    row = await queries.require(session, shortener_id, lock=True)
    await check_write(runtime, principal, row.organization_id)
    values = {name: value for name, value in msgspec.structs.asdict(changes).items() if value is not UNSET}
    if changes.expires_at is not UNSET:
        _future(changes.expires_at)
    if changes.netloc is not UNSET:
        await check_owned(runtime, row.organization_id, changes.netloc)
        values["netloc"] = changes.netloc.lower()
    if values:
        for name, value in values.items():
            setattr(row, name, value)
        row.updated_at = func.clock_timestamp()
        await session.flush()
        await publish(session, UrlShortenerUpdated(shortener_id=row.id, organization_id=row.organization_id))
    return row


async def delete(runtime: Runtime, session: AsyncSession, principal: Principal, shortener_id: UUID) -> None:
    """Remove a short address: its code leads nowhere from then on."""
    row = await queries.require(session, shortener_id, lock=True)
    await check_write(runtime, principal, row.organization_id)
    await session.delete(row)
    await session.flush()
    await publish(session, UrlShortenerDeleted(shortener_id=row.id, organization_id=row.organization_id))


def _future(time: datetime) -> datetime:
    if time <= now():
        raise Invalid("The time is over already.", pointer=f"{POINTER}/expires-at")
    return time
