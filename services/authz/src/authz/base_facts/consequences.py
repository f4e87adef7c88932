"""What follows from other contexts' events for roles: authz owns the assignments, so it makes and announces them."""

from contextlib import suppress
from uuid import UUID

from contracts.event import Event
from contracts.identity import MemberProvisioned, UserCreated
from contracts.orgs import OrganizationCreated, OrganizationUserAdded, OrganizationUserRemoved
from contracts.permissions import ROLE_IDS, role_id
from kernel import Conflict
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from authz.roles import commands
from authz.roles.models import Role


def wanted(due: list[Event]) -> list[Event]:
    """The events whose consequences are due: the one that arrived, and later ones about the same user once more.

    A late event must not bring back a role that somebody has taken away since, so later ones about others rest.
    """
    user: UUID | None = getattr(due[0], "user_id", None)
    return [due[0], *(event for event in due[1:] if user is not None and getattr(event, "user_id", None) == user)]


async def follow(session: AsyncSession, event: Event) -> None:
    """Change roles as the event asks."""
    match event:
        case UserCreated(operator=True):
            role = (await session.scalars(select(Role).where(Role.id == ROLE_IDS["system.admin"]))).one()
            await commands.give(session, role, event.user_id)
        case OrganizationCreated():
            await commands.ensure(session, event.organization_id, commands.MEMBER)
            admin = await commands.ensure(session, event.organization_id, commands.ADMIN)
            if event.created_by is not None:
                await commands.give(session, admin, event.created_by)
        case OrganizationUserAdded(account_type="provider"):
            role = await commands.ensure(session, event.organization_id, event.role or commands.MEMBER)
            await commands.give(session, role, event.user_id)
        case OrganizationUserRemoved():
            await commands.take_all(session, event.organization_id, event.user_id)
        case MemberProvisioned():
            await _take(session, event)
        case _:
            pass


async def _take(session: AsyncSession, event: MemberProvisioned) -> None:
    """Take the roles that another system gives no more, but org.admin from the last administrator."""
    for name in event.left_roles:
        role = await session.get(Role, role_id(name, event.organization_id))
        if role is not None:
            with suppress(Conflict):
                await commands.take(session, role, event.user_id)
