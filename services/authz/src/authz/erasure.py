"""What authz holds of a person, and what becomes of it when they are erased: ids, and what individuals are found by.

The index in memory follows the events by which orgs and identity say that individuals and users are gone.
"""

from chassis.erasure import Gone, Person, Plan
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from authz.access_grants import commands as grants
from authz.individual_attributes import commands as attributes
from authz.roles import commands
from authz.roles.models import Role, RoleUser


async def tell(session: AsyncSession, person: Person) -> dict[str, int]:
    """What others have to hear of: roles, grants and attributes go as if somebody had taken them."""
    counts = await take_roles(session, person)
    if person.user_id is not None:
        counts["access_grants"] = await grants.remove_of(session, "user", person.user_id)
    await attributes.forget(session, person.individual_ids)
    return counts


async def take_roles(session: AsyncSession, person: Person) -> dict[str, int]:
    """Take every role from the person, as an administrator would, so that everybody hears of it."""
    if person.user_id is None:
        return {}
    had = select(Role).join(RoleUser, RoleUser.role_id == Role.id).where(RoleUser.user_id == person.user_id)
    roles = (await session.scalars(had.order_by(Role.id))).all()
    for role in roles:
        await commands.take(session, role, person.user_id, last_admin=True)
    return {"role_users": len(roles)}


PLAN = Plan(
    first=tell,
    erased=(
        Gone("role_users", "user_id = :user_id"),
        Gone("access_grants", "subject_type = 'user' AND subject_id = :user_id"),
        Gone("individual_attributes", "individual_id = ANY (:individual_ids)"),
        Gone("organization_staff", "user_id = :user_id"),
        Gone("group_people", "person_id = ANY (:ids)"),
        Gone("individuals", "id = ANY (:individual_ids) OR user_id = :user_id"),
    ),
    kept={
        "users": "the id, disabled for good, so that nothing told late is allowed",
        "groups": "ids",
        "organizations": "names of organizations",
        "quarantined_events": "what was wrong with an event, which holds ids only",
        "roles": "names of roles",
    },
)
