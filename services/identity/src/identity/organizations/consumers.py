"""What orgs tells of organizations and of who belongs to them."""

from typing import Any

from contracts.orgs import OrganizationCreated, OrganizationUpdated, OrganizationUserAdded, OrganizationUserRemoved
from messaging import Consumers, Meta
from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from identity.api_keys import commands as api_keys
from identity.audit_events.commands import record
from identity.organizations.models import Organization
from identity.users.models import UserOrganization, UserRole
from identity.users.standing import outdating


async def on_organization_created(session: AsyncSession, event: OrganizationCreated, _: Meta) -> None:
    """Keep the names."""
    await _keep(session, event, is_active=True)


async def on_organization_updated(session: AsyncSession, event: OrganizationUpdated, _: Meta) -> None:
    """Keep the names and the standing."""
    await _keep(session, event, is_active=event.is_active)


async def on_user_added(session: AsyncSession, event: OrganizationUserAdded, _: Meta) -> None:
    """A user belongs to the organization, or does so in another way."""
    kept = {"account_type": event.account_type, "role": event.role, "individual_id": event.individual_id}
    statement = insert(UserOrganization).values(user_id=event.user_id, organization_id=event.organization_id, **kept)
    async with outdating(session, event.user_id):
        await session.execute(statement.on_conflict_do_update(index_elements=["user_id", "organization_id"], set_=kept))
    _note(session, event, "organization-joined", account_type=event.account_type, role=event.role)


async def on_user_removed(session: AsyncSession, event: OrganizationUserRemoved, _: Meta) -> None:
    """A user belongs there no more; the roles there go, too."""
    async with outdating(session, event.user_id):
        for table in (UserOrganization, UserRole):
            await session.execute(
                delete(table).where(table.user_id == event.user_id, table.organization_id == event.organization_id)
            )
    await api_keys.revoke_all(session, None, event.user_id, event.organization_id)
    _note(session, event, "organization-left")


def _note(
    session: AsyncSession, event: OrganizationUserAdded | OrganizationUserRemoved, action: str, **details: Any
) -> None:
    """Keep in the audit trail that somebody's access changed."""
    where: Any = {"organization_id": event.organization_id, "actor": "service:orgs"}
    record(session, None, action, event.user_id, **where, **details)


async def _keep(session: AsyncSession, event: OrganizationCreated | OrganizationUpdated, *, is_active: bool) -> None:
    kept = {"name": event.name, "display_name": event.display_name, "is_active": is_active}
    statement = insert(Organization).values(id=event.organization_id, **kept)
    await session.execute(statement.on_conflict_do_update(index_elements=["id"], set_=kept))


table: Consumers = {
    OrganizationCreated: on_organization_created,
    OrganizationUpdated: on_organization_updated,
    OrganizationUserAdded: on_user_added,
    OrganizationUserRemoved: on_user_removed,
}
