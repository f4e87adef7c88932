"""What authz tells of a user's roles."""

from typing import Any

from contracts.authz import RoleUserAdded, RoleUserRemoved
from kernel import uuid7
from messaging import Consumers, Meta
from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from identity.audit_events.commands import record
from identity.users.models import UserRole
from identity.users.standing import outdating


async def on_role_user_added(session: AsyncSession, event: RoleUserAdded, _: Meta) -> None:
    """A user has a role."""
    kept = {"role_id": event.role_id}
    statement = insert(UserRole).values(
        id=uuid7(), user_id=event.user_id, organization_id=event.organization_id, name=event.name, **kept
    )
    async with outdating(session, event.user_id):
        await session.execute(
            statement.on_conflict_do_update(index_elements=["user_id", "organization_id", "name"], set_=kept)
        )
    _note(session, event, "role-given")


async def on_role_user_removed(session: AsyncSession, event: RoleUserRemoved, _: Meta) -> None:
    """A user no longer has a role."""
    async with outdating(session, event.user_id):
        await session.execute(
            delete(UserRole).where(
                UserRole.user_id == event.user_id,
                UserRole.organization_id.is_not_distinct_from(event.organization_id),
                UserRole.name == event.name,
            )
        )
    _note(session, event, "role-taken")


def _note(session: AsyncSession, event: RoleUserAdded | RoleUserRemoved, action: str) -> None:
    """Keep in the audit trail that somebody's access changed."""
    where: Any = {"organization_id": event.organization_id, "actor": "service:authz"}
    record(session, None, action, event.user_id, **where, role=event.name)


table: Consumers = {RoleUserAdded: on_role_user_added, RoleUserRemoved: on_role_user_removed}
