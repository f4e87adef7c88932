"""Letting in whom an organization invited: identity keeps the invitations and says when one is claimed."""

from typing import Any
from uuid import UUID

from contracts.identity import OnboardingRequestClaimed
from contracts.orgs import IndividualUpdated
from messaging import publish
from sqlalchemy import func, select, text
from sqlalchemy import update as sql_update
from sqlalchemy.ext.asyncio import AsyncSession

from orgs.access.locks import forest_together
from orgs.individual_groups.commands import enroll
from orgs.individual_groups.commands.staff import put
from orgs.individuals import commands as individuals
from orgs.individuals.models import Individual
from orgs.people.identity import User
from orgs.user_organizations import commands as memberships

GROUPS = text("""
SELECT id, type FROM individual_groups
WHERE id = ANY(CAST(:ids AS uuid[])) AND organization_id = :organization_id AND type IN ('regular', 'provider_only')
ORDER BY id FOR NO KEY UPDATE
""")


async def claim(session: AsyncSession, event: OnboardingRequestClaimed, user: User | None) -> None:
    """Make the person staff or a participant, of the groups that are still there. Twice changes nothing."""
    await forest_together(session, event.organization_id)
    place = {"ids": list(event.group_ids), "organization_id": event.organization_id}
    groups = list(await session.execute(GROUPS, place))
    if event.account_type == "provider":
        for role in event.roles:
            await memberships.add_staff(session, event.organization_id, event.user_id, role)
        for group in groups:
            await put(session, event.invited_by, event.organization_id, group.id, "member", [event.user_id])
        return
    if event.individual_id is None or not await _become(session, event, event.individual_id, user):
        return
    for group in groups:
        if group.type == "regular":
            await enroll(session, event.organization_id, group.id, [event.individual_id])
    await memberships.add_participant(session, event.organization_id, event.user_id, event.individual_id)


async def _become(
    session: AsyncSession, event: OnboardingRequestClaimed, individual_id: UUID, user: User | None
) -> bool:
    """Register the individual, or give the one that was invited its login. False where it is somebody else's by now.

    What the organization knows of the person stays where the login says nothing.
    """
    described: dict[str, Any] = individuals.of_user(user) if user else {"registered": True}
    place = {"owner_id": event.organization_id, "user_id": event.user_id}
    if await individuals.register(session, individual_id, event.organization_id, **place, **described):
        return True
    statement = select(Individual).where(Individual.id == individual_id).with_for_update()
    row = (await session.scalars(statement)).one()
    if row.organization_id != event.organization_id or row.user_id not in {None, event.user_id}:
        return False
    if row.user_id is None:
        values = {name: value for name, value in described.items() if value is not None}
        changed = {**values, "user_id": event.user_id, "updated_at": func.clock_timestamp()}
        await session.execute(sql_update(Individual).where(Individual.id == individual_id).values(changed))
        owner: dict[str, Any] = {
            "owner_id": row.owner_id,
            "owner_type": row.owner_type,
            "organization_id": row.organization_id,
        }
        await publish(session, IndividualUpdated(individual_id=individual_id, user_id=event.user_id, **owner))
    return True
