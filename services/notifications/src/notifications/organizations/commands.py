"""Taking in what orgs announces of organizations."""

from contracts.orgs import OrganizationCreated, OrganizationUpdated
from messaging import Consumers, Meta
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from notifications.organizations.models import Organization


async def on_organization(session: AsyncSession, event: OrganizationCreated | OrganizationUpdated, _: Meta) -> None:
    """Keep an organization's name, theme and time zone."""
    values = {
        "display_name": event.display_name,
        "theme_id": event.theme_id if isinstance(event, OrganizationUpdated) else None,
        "timezone": event.timezone,
    }
    statement = insert(Organization).values(id=event.organization_id, **values)
    await session.execute(statement.on_conflict_do_update(index_elements=["id"], set_=values))


table: Consumers = {OrganizationCreated: on_organization, OrganizationUpdated: on_organization}
