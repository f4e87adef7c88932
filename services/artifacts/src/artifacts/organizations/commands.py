"""What orgs says of organizations, numbers for records, and the lock of an organization."""

from uuid import UUID

from contracts.orgs import OrganizationCreated, OrganizationUpdated
from sqlalchemy import text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from artifacts.organizations.models import Organization

TAKE = text("""
INSERT INTO counters AS known (organization_id, kind, last) VALUES (:organization_id, :kind, :several)
ON CONFLICT (organization_id, kind) DO UPDATE SET last = known.last + :several
RETURNING last
""")
HOLD = text("SELECT pg_advisory_xact_lock(hashtextextended(:held, 1))")


async def create(session: AsyncSession, event: OrganizationCreated) -> None:
    """An organization exists."""
    values = {
        "id": event.organization_id,
        "number": event.number,
        "name": event.name,
        "display_name": event.display_name,
        "timezone": event.timezone,
    }
    statement = insert(Organization).values(values)
    await session.execute(statement.on_conflict_do_update(index_elements=["id"], set_=values))


async def change(session: AsyncSession, event: OrganizationUpdated) -> None:
    """An organization's names or standing changed."""
    values = {
        "name": event.name,
        "display_name": event.display_name,
        "is_active": event.is_active,
        "timezone": event.timezone,
    }
    await session.execute(update(Organization).where(Organization.id == event.organization_id).values(values))


async def take_numbers(session: AsyncSession, organization_id: UUID, kind: str, several: int) -> range:
    """The next `several` integers of a kind in an organization; held until the transaction ends."""
    values = {"organization_id": organization_id, "kind": kind, "several": several}
    last: int = (await session.execute(TAKE, values)).scalar_one()
    return range(last - several + 1, last + 1)


async def hold(session: AsyncSession, identifier: UUID | str) -> None:
    """One after another until the transaction ends: whoever follows the same organization, user or session.

    People and groups come by events of different aggregates, so each side may look before the other has committed.
    Hold the user first and the organization second.
    """
    await session.execute(HOLD, {"held": str(identifier)})
