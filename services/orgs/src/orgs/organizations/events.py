"""What organizations announce."""

from uuid import UUID

from contracts.orgs import OrganizationUpdated
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

READ = text("SELECT name, display_name, is_active, theme_id, timezone FROM organizations WHERE id = :id")


async def updated(session: AsyncSession, organization_id: UUID) -> OrganizationUpdated:
    """The event that tells how an organization is now."""
    row = (await session.execute(READ, {"id": organization_id})).one()
    return OrganizationUpdated(
        organization_id=organization_id,
        name=row.name,
        display_name=row.display_name,
        is_active=row.is_active,
        theme_id=row.theme_id,
        timezone=row.timezone,
    )
