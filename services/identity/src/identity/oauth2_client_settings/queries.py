"""Reading an organization's clients: its administrators and the operator's staff may."""

from typing import Any
from uuid import UUID

from chassis.principal import Principal
from database import page_of
from kernel import Forbidden, NotFound, Slice
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from identity.oauth2_client_settings.models import OAuth2Client
from identity.oauth2_client_settings.schemas import ClientAttributes, ClientsQuery
from identity.users.visibility import admin_of, belongs


async def list_(session: AsyncSession, principal: Principal, asked: ClientsQuery) -> Slice[Any]:
    """An organization's clients, the oldest first. Raises NotFound or Forbidden."""
    await demand(session, principal, asked.organization_id, reading=True)
    statement = select(OAuth2Client).where(
        OAuth2Client.organization_id == asked.organization_id, OAuth2Client.deleted_at.is_(None)
    )
    if asked.name:
        statement = statement.where(func.lower(OAuth2Client.name).contains(asked.name.lower(), autoescape=True))
    return await page_of(session, statement.order_by(OAuth2Client.id), asked.page)


async def read(
    session: AsyncSession, principal: Principal, client_id: UUID, *, reading: bool = True, lock: bool = False
) -> OAuth2Client:
    """A client that the caller may read, or change. Raises NotFound or Forbidden."""
    row = await session.get(OAuth2Client, client_id, with_for_update=lock or None)
    if row is None or row.deleted_at is not None:
        raise NotFound
    await demand(session, principal, row.organization_id, reading=reading)
    return row


async def demand(session: AsyncSession, principal: Principal, organization_id: UUID, *, reading: bool = False) -> None:
    """Let pass who administers the organization; staff of the operator may read. Raises NotFound or Forbidden."""
    if principal.is_operator or (reading and principal.is_support):
        return
    if await admin_of(session, principal.user_id, organization_id):
        return
    if principal.is_support or await belongs(session, principal.user_id, organization_id):
        raise Forbidden("Only administrators of the organization manage its clients.")
    raise NotFound


def attributes(row: OAuth2Client, secret: str | None = None) -> ClientAttributes:
    """A client as a document shows it; with its secret at the moment when there is one to show."""
    return ClientAttributes(
        client_id=row.client_id,
        name=row.name,
        organization_id=row.organization_id,
        application_type=row.application_type,  # pyright: ignore[reportArgumentType]
        token_endpoint_auth_method=row.auth_method,  # pyright: ignore[reportArgumentType]
        grant_type=row.grant_types[0],
        grant_types=row.grant_types,
        redirect_uris=row.redirect_uris,
        post_logout_redirect_uris=row.post_logout_redirect_uris,
        backchannel_logout_uri=row.backchannel_logout_uri,
        scopes=row.scopes,
        require_consent=row.asks_consent,
        require_pushed_authorization_requests=row.pushed_only,
        jwks=row.jwks,
        jwks_uri=row.jwks_uri,
        secret=secret,
        secret_set_time=row.secret_set_at,
        previous_secret_expiration_time=row.previous_secret_until,
        created_time=row.created_at,
        last_modified_time=row.updated_at,
    )
