"""The order in which commands wait for each other.

An organization's forest is held by an advisory lock until the transaction ends: alone by what changes the tree or who
is staff, together by what changes the people of groups. Then come groups, then individuals, then the groups that the
platform keeps, rows of each in the order of their ids.
"""

from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

ALONE = text("SELECT pg_advisory_xact_lock(hashtextextended(CAST(:id AS text), 1))")
TOGETHER = text("SELECT pg_advisory_xact_lock_shared(hashtextextended(CAST(:id AS text), 1))")


async def forest_alone(session: AsyncSession, organization_id: UUID) -> None:
    """Wait until nobody else changes the organization's groups, and keep others out."""
    await session.execute(ALONE, {"id": str(organization_id)})


async def forest_together(session: AsyncSession, organization_id: UUID) -> None:
    """Keep the organization's tree and staff as they are; others may do the same."""
    await session.execute(TOGETHER, {"id": str(organization_id)})
