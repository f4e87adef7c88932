"""Reading service accounts: administrators those of their organization, the operator's staff and services all."""

from typing import Any
from uuid import UUID

from chassis.principal import Principal
from database import page_of
from kernel import NotFound, Slice
from sqlalchemy import Select, exists, select, text, true
from sqlalchemy.ext.asyncio import AsyncSession

from identity.service_accounts.models import ServiceAccount
from identity.service_accounts.schemas import ServiceAccountAttributes, ServiceAccountsQuery
from identity.users.models import User
from identity.users.visibility import administered, sees_all

ROLES = text("""
    SELECT r.user_id, r.name FROM user_roles r JOIN service_accounts s ON s.id = r.user_id
     WHERE s.id = ANY(:ids) AND r.organization_id = s.organization_id
     UNION
    SELECT o.user_id, o.role FROM user_organizations o JOIN service_accounts s ON s.id = o.user_id
     WHERE s.id = ANY(:ids) AND o.organization_id = s.organization_id AND o.role IS NOT NULL
     ORDER BY 2
""")


async def list_(session: AsyncSession, principal: Principal, asked: ServiceAccountsQuery) -> Slice[Any]:
    """A page of machines, the newest first."""
    statement = _seen(principal)
    if asked.organization_id is not None:
        statement = statement.where(ServiceAccount.organization_id == asked.organization_id)
    if asked.state is not None:
        statement = statement.where((User.state == "confirmed") == (asked.state == "active"))
    return await page_of(session, statement.order_by(ServiceAccount.id.desc()), asked.page)


async def read(session: AsyncSession, principal: Principal, account_id: UUID, *, lock: bool = False) -> ServiceAccount:
    """A machine that the caller sees, locked on demand. Raises NotFound."""
    statement = _seen(principal).where(ServiceAccount.id == account_id)
    row = (await session.scalars(statement.with_for_update(of=ServiceAccount) if lock else statement)).first()
    if row is None:
        raise NotFound
    return row


async def described(session: AsyncSession, rows: list[ServiceAccount]) -> dict[UUID, ServiceAccountAttributes]:
    """The attributes of machines, by two statements."""
    ids = [row.id for row in rows]
    states = {
        user.id: user.state for user in await session.execute(select(User.id, User.state).where(User.id.in_(ids)))
    }
    roles: dict[UUID, list[str]] = {}
    for user_id, name in await session.execute(ROLES, {"ids": ids}):
        roles.setdefault(user_id, []).append(name)
    return {row.id: _attributes(row, states[row.id], roles.get(row.id, [])) for row in rows}


async def is_machine(session: AsyncSession, user_id: UUID) -> bool:
    """Whether a login is a service account's."""
    return bool(await session.scalar(select(exists().where(ServiceAccount.id == user_id))))


def _seen(principal: Principal) -> Select[Any]:
    statement = select(ServiceAccount).join(User, User.id == ServiceAccount.id)
    mine = true() if sees_all(principal) else administered(principal, ServiceAccount.organization_id)
    return statement.where(ServiceAccount.deleted_at.is_(None), mine)


def _attributes(row: ServiceAccount, state: str, roles: list[str]) -> ServiceAccountAttributes:
    return ServiceAccountAttributes(
        organization_id=row.organization_id,
        name=row.name,
        description=row.description,
        acts_for_users=row.acts_for_users,
        state="active" if state == "confirmed" else "disabled",
        roles=roles,
        created_by=row.created_by,
        created_at=row.created_at,
        last_modified_at=row.updated_at,
    )
