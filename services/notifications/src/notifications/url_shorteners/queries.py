"""Reading short addresses."""

from uuid import UUID

from chassis.principal import Principal
from chassis.runtime import Runtime
from database import page_of
from kernel import NotFound, Slice
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from notifications.access import check_read, readable
from notifications.url_shorteners.models import UrlShortener
from notifications.url_shorteners.schemas import ShortenerAttributes, ShortenerQuery


async def require(session: AsyncSession, shortener_id: UUID, *, lock: bool = False) -> UrlShortener:
    """The row, locked for a change. Raises NotFound."""
    row = await session.get(UrlShortener, shortener_id, with_for_update=lock or None)
    if row is None:
        raise NotFound
    return row


async def read(runtime: Runtime, session: AsyncSession, principal: Principal, shortener_id: UUID) -> UrlShortener:
    """One that the caller may see. Raises NotFound or Forbidden."""
    row = await require(session, shortener_id)
    await check_read(runtime, principal, row.organization_id)
    return row


async def list_(
    runtime: Runtime, session: AsyncSession, principal: Principal, query: ShortenerQuery
) -> Slice[UrlShortener]:
    """A page, oldest first, of an organization's; of all for the operator's staff."""
    organization_id = await readable(runtime, principal, query.organization_id)
    statement = select(UrlShortener).order_by(UrlShortener.id)
    if organization_id is not None:
        statement = statement.where(UrlShortener.organization_id == organization_id)
    if query.code is not None:
        statement = statement.where(UrlShortener.code == query.code)
    return await page_of(session, statement, query.page)


def attributes(runtime: Runtime, row: UrlShortener) -> ShortenerAttributes:
    """A row as it goes out."""
    return ShortenerAttributes(
        code=row.code,
        created_at=row.created_at,
        expires_at=row.expires_at,
        full_path=row.full_path,
        netloc=row.netloc,
        organization_id=row.organization_id,
        redirect_count=row.redirect_count,
        redirect_url=f"https://{row.netloc}{row.full_path}",
        short_url=f"{runtime.common.public_url}/s/{row.code}",
    )
