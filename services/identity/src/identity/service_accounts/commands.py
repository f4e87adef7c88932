"""Making, changing, disabling and removing service accounts."""

from typing import Any
from uuid import UUID

import msgspec
from chassis.principal import Principal
from contracts.identity import ServiceAccountDeleted, UserConfirmed, UserCreated, UserUpdated
from kernel import Conflict, Forbidden, Invalid, NotFound, now, uuid7
from messaging import publish
from msgspec import UNSET
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from identity.api_keys.commands import checked_text, revoke_all
from identity.audit_events.commands import record
from identity.parts import Parts
from identity.service_accounts import queries
from identity.service_accounts.models import ServiceAccount
from identity.service_accounts.schemas import KIND, ChangedServiceAccountAttributes, NewServiceAccountAttributes
from identity.sessions import commands as sessions
from identity.step_up import require_recent
from identity.usernames import comparable
from identity.users import commands as users
from identity.users.models import User, UserOrganization
from identity.users.visibility import admin_of, belongs

AT = "/data/attributes"
MEMBER = "org.member"
MOST_OF_AN_ORGANIZATION = 500
LAST_NAME = "(service account)"

ACTING = text("SELECT id FROM sessions WHERE service_account_id = :account_id AND ended_at IS NULL")


async def create(session: AsyncSession, principal: Principal, asked: NewServiceAccountAttributes) -> ServiceAccount:
    """Make a machine that is a member of the organization. Raises Invalid, NotFound, Forbidden or Conflict."""
    organization_id = asked.organization_id or principal.organization_id
    if organization_id is None:
        raise Invalid("Name the organization.", pointer=f"{AT}/organization-id", code="required")
    await _check_administers(session, principal, organization_id)
    await require_recent(session, principal)
    await _check_room(session, organization_id)
    name = checked_text(asked.name, f"{AT}/name")
    user = _login(organization_id, name)
    session.add(user)
    await session.flush()
    row = ServiceAccount(
        id=user.id,
        organization_id=organization_id,
        name=name,
        name_key=comparable(name),
        description=asked.description,
        acts_for_users=asked.acts_for_users,
        created_by=principal.user_id,
    )
    place: dict[str, Any] = {"organization_id": organization_id, "user_id": user.id}
    session.add_all([row, UserOrganization(**place, account_type="provider", role=MEMBER)])
    await _written(session)
    record(session, principal, "service-account-created", user.id, **_where(row), acts_for_users=row.acts_for_users)
    await publish(session, UserCreated(user_id=user.id, account_type="provider", classification=user.classification))
    await publish(session, UserConfirmed(**place, account_type="provider"))
    return row


async def update(
    session: AsyncSession, principal: Principal, account_id: UUID, asked: ChangedServiceAccountAttributes
) -> ServiceAccount:
    """Change a machine. Raises NotFound, Forbidden, Invalid or Conflict."""
    row = await queries.read(session, principal, account_id, lock=True)
    await _check_administers(session, principal, row.organization_id)
    await require_recent(session, principal)
    changed = {name: value for name, value in msgspec.structs.asdict(asked).items() if value is not UNSET}
    if "name" in changed:
        changed["name"] = checked_text(changed["name"], f"{AT}/name")
        row.name_key = comparable(changed["name"])
        (await session.get_one(User, row.id)).first_name = changed["name"]
    for name, value in changed.items():
        setattr(row, name, value)
    await _written(session)
    if not row.acts_for_users:
        await _end_acting(session, row.id)
    record(session, principal, "service-account-changed", row.id, **_where(row), changed=sorted(changed))
    await publish(session, UserUpdated(user_id=row.id))
    await session.refresh(row)
    return row


async def enable(session: AsyncSession, principal: Principal, account_id: UUID) -> ServiceAccount:
    """Let its keys count again. Raises NotFound or Forbidden."""
    row = await queries.read(session, principal, account_id, lock=True)
    await users.enable(session, principal, account_id)
    return row


async def disable(session: AsyncSession, parts: Parts, principal: Principal, account_id: UUID) -> ServiceAccount:
    """End whatever it does, at once; its keys stay and count for nothing. Raises NotFound or Forbidden."""
    row = await queries.read(session, principal, account_id, lock=True)
    await users.disable(session, parts, principal, account_id)
    await _end_acting(session, account_id)
    return row


async def delete(session: AsyncSession, parts: Parts, principal: Principal, account_id: UUID) -> None:
    """Remove a machine with its keys; the audit trail keeps its id. Raises NotFound or Forbidden."""
    row = await disable(session, parts, principal, account_id)
    await revoke_all(session, principal, account_id)
    row.deleted_at = now()
    (await session.get_one(User, account_id)).state = "archived"
    record(session, principal, "service-account-deleted", account_id, **_where(row))
    await session.flush()  # it is gone before that is announced
    await publish(session, ServiceAccountDeleted(service_account_id=account_id, organization_id=row.organization_id))


def _login(organization_id: UUID, name: str) -> User:
    """A login without a password, an address or a number, so nothing can be proven for it."""
    identifier = uuid7()
    username = f"service-account-{identifier}"
    return User(
        id=identifier,
        username=username,
        username_key=comparable(username),
        first_name=name,
        last_name=LAST_NAME,
        state="confirmed",
        account_type="provider",
        default_organization_id=organization_id,
        confirmed_at=now(),
    )


async def _check_administers(session: AsyncSession, principal: Principal, organization_id: UUID) -> None:
    if principal.is_operator or await admin_of(session, principal.user_id, organization_id):
        return
    if principal.is_support or await belongs(session, principal.user_id, organization_id):
        raise Forbidden("Only administrators of the organization may do this.")
    raise NotFound("There is no such organization.", pointer=f"{AT}/organization-id")


async def _check_room(session: AsyncSession, organization_id: UUID) -> None:
    living = (ServiceAccount.organization_id == organization_id) & ServiceAccount.deleted_at.is_(None)
    count = await session.scalar(select(func.count()).select_from(ServiceAccount).where(living))
    if (count or 0) >= MOST_OF_AN_ORGANIZATION:
        raise Conflict(f"{MOST_OF_AN_ORGANIZATION} are as many as an organization has.", code="too-many")


async def _written(session: AsyncSession) -> None:
    try:
        await session.flush()
    except IntegrityError as error:
        if "uq_service_accounts_name" not in str(error):
            raise
        raise Conflict("There is a service account of this name.", pointer=f"{AT}/name", code="taken") from error


async def _end_acting(session: AsyncSession, account_id: UUID) -> None:
    """End the sessions that a machine has in users' names."""
    for session_id in (await session.scalars(ACTING, {"account_id": account_id})).all():
        await sessions.end(session, session_id, "revoked")


def _where(row: ServiceAccount) -> dict[str, Any]:
    return {"organization_id": row.organization_id, "target": f"{KIND}:{row.id}"}
