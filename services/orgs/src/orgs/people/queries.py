"""Reading the copy of identity's users."""

from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

STAFF_WITH_EMAIL = text("""
SELECT m.user_id FROM people p JOIN memberships m ON m.user_id = p.user_id
WHERE lower(p.email) = lower(:email) AND m.organization_id = :organization_id AND m.account_type = 'provider'
""")


async def staff_with_email(session: AsyncSession, organization_id: UUID, email: str) -> UUID | None:
    """The one of an organization's staff with an e-mail; None where nobody, or more than one, has it."""
    found = list(await session.scalars(STAFF_WITH_EMAIL, {"email": email, "organization_id": organization_id}))
    return found[0] if len(found) == 1 else None
