"""Staff whom another system names, such as an organization's identity provider: identity says what it gives them."""

from contracts.identity import MemberProvisioned
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from orgs.access.locks import forest_together
from orgs.individual_groups.commands.staff import put, take
from orgs.user_organizations import commands as memberships

GROUPS = text("""
SELECT id FROM individual_groups
WHERE id = ANY(CAST(:ids AS uuid[])) AND organization_id = :organization_id AND type IN ('regular', 'provider_only')
ORDER BY id FOR NO KEY UPDATE
""")


async def follow(session: AsyncSession, event: MemberProvisioned) -> None:
    """Make the person staff with these roles, of the groups that are still there. Twice changes nothing.

    A role that the other system gives no more is taken by authz, which owns the assignments.
    """
    await forest_together(session, event.organization_id)
    for role in event.roles or (None,):
        await memberships.add_staff(session, event.organization_id, event.user_id, role)
    place = {"organization_id": event.organization_id, "ids": [*event.group_ids, *event.left_group_ids]}
    for (group_id,) in list(await session.execute(GROUPS, place)):
        change = put if group_id in event.group_ids else take
        await change(session, None, event.organization_id, group_id, "member", [event.user_id])
