"""Others' events by which somebody is staff, has a role there, or is neither any more."""

from contextlib import suppress

from contracts.authz import RoleUserAdded, RoleUserRemoved
from contracts.identity import MemberRemoved, ServiceAccountDeleted
from kernel import Conflict, NotFound
from messaging import Consumers, Meta
from sqlalchemy.ext.asyncio import AsyncSession

from orgs.organizations.queries import exists
from orgs.user_organizations import commands as memberships


async def on_role_user_added(session: AsyncSession, event: RoleUserAdded, _: Meta) -> None:
    """A role in an organization makes staff."""
    if event.organization_id is not None and await exists(session, event.organization_id):
        await memberships.add_staff(session, event.organization_id, event.user_id, event.name)


async def on_role_user_removed(session: AsyncSession, event: RoleUserRemoved, _: Meta) -> None:
    """The person stays staff, without the role."""
    if event.organization_id is not None:
        await memberships.drop_role(session, event.organization_id, event.user_id, event.name)


async def on_member_removed(session: AsyncSession, event: MemberRemoved, _: Meta) -> None:
    """Another system has taken a user out. The last administrator stays, and who has left stays away."""
    with suppress(Conflict, NotFound):
        await memberships.remove(session, None, event.organization_id, event.user_id, "")


async def on_service_account_deleted(session: AsyncSession, event: ServiceAccountDeleted, _: Meta) -> None:
    """A machine leaves its organization, unless nobody else administers that."""
    with suppress(NotFound, Conflict):
        await memberships.remove(session, None, event.organization_id, event.service_account_id, "")


table: Consumers = {
    RoleUserAdded: on_role_user_added,
    RoleUserRemoved: on_role_user_removed,
    MemberRemoved: on_member_removed,
    ServiceAccountDeleted: on_service_account_deleted,
}
