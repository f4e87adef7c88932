"""Reading API keys: one's own, those of organizations that one administers; the operator's staff and services all."""

from datetime import datetime
from typing import Any
from uuid import UUID

from chassis.principal import Principal
from database import page_of
from kernel import NotFound, Slice, now
from sqlalchemy import Select, and_, or_, select, true
from sqlalchemy.ext.asyncio import AsyncSession

from identity.api_keys.models import ApiKey, ApiKeySecret
from identity.api_keys.schemas import ApiKeyAttributes, ApiKeysQuery, State
from identity.service_accounts.models import ServiceAccount
from identity.users.visibility import administered, sees_all


async def list_(session: AsyncSession, principal: Principal, asked: ApiKeysQuery) -> Slice[ApiKey]:
    """A page of keys, the newest first."""
    statement = select(ApiKey).where(seen(principal))
    if asked.organization_id is not None:
        statement = statement.where(ApiKey.organization_id == asked.organization_id)
    for wanted in (asked.user_id, asked.service_account_id):
        if wanted is not None:
            statement = statement.where(ApiKey.user_id == wanted)
    if asked.state is not None:
        statement = statement.where(_in_state(asked.state))
    return await page_of(session, statement.order_by(ApiKey.id.desc()), asked.page)


async def read(session: AsyncSession, principal: Principal, key_id: UUID, *, lock: bool = False) -> ApiKey:
    """A key that the caller sees, locked on demand. Raises NotFound."""
    statement: Select[Any] = select(ApiKey).where(ApiKey.id == key_id, seen(principal))
    row = (await session.scalars(statement.with_for_update(of=ApiKey) if lock else statement)).first()
    if row is None:
        raise NotFound
    return row


async def described(session: AsyncSession, rows: list[ApiKey]) -> dict[UUID, ApiKeyAttributes]:
    """The attributes of keys, by two statements."""
    ids = [row.id for row in rows]
    newest_first = ApiKeySecret.created_at.desc()
    found = await session.scalars(select(ApiKeySecret).where(ApiKeySecret.api_key_id.in_(ids)).order_by(newest_first))
    secrets: dict[UUID, list[ApiKeySecret]] = {}
    for secret in found:
        secrets.setdefault(secret.api_key_id, []).append(secret)
    users = {row.user_id for row in rows}
    machines = set(await session.scalars(select(ServiceAccount.id).where(ServiceAccount.id.in_(users))))
    return {row.id: _attributes(row, secrets.get(row.id, []), machine=row.user_id in machines) for row in rows}


def seen(principal: Principal) -> Any:
    """The keys that a caller sees."""
    if sees_all(principal):
        return true()
    return or_(ApiKey.user_id == principal.user_id, administered(principal, ApiKey.organization_id))


def _in_state(state: State) -> Any:
    alive = or_(ApiKey.expires_at.is_(None), ApiKey.expires_at > now())
    if state == "revoked":
        return ApiKey.revoked_at.is_not(None)
    return and_(ApiKey.revoked_at.is_(None), alive if state == "active" else ~alive)


def _attributes(row: ApiKey, secrets: list[ApiKeySecret], *, machine: bool) -> ApiKeyAttributes:
    previous = secrets[1].expires_at if len(secrets) > 1 else None
    return ApiKeyAttributes(
        organization_id=row.organization_id,
        user_id=row.user_id,
        service_account_id=row.user_id if machine else None,
        name=row.name,
        scopes=row.scopes,
        start=secrets[0].start if secrets else "",
        state=_state(row, now()),
        created_by=row.created_by,
        created_at=row.created_at,
        expires_at=row.expires_at,
        previous_until=previous if previous and previous > now() and row.revoked_at is None else None,
        revoked_at=row.revoked_at,
        last_used_at=row.last_used_at,
    )


def _state(row: ApiKey, moment: datetime) -> State:
    if row.revoked_at is not None:
        return "revoked"
    return "expired" if row.expires_at is not None and row.expires_at <= moment else "active"
