"""Computing again what profiles have from other rows."""

from sqlalchemy.ext.asyncio import AsyncSession

from artifacts.actors import Actor
from artifacts.organizations.commands import hold
from artifacts.profiles import rules
from artifacts.profiles.commands import place_all

VIEWS = ("profile_departments",)


async def refresh(session: AsyncSession, actor: Actor) -> list[str]:
    """Compute again which departments profiles are in; whatever was wrong is announced. Raises Forbidden."""
    rules.demand(actor, "edit")
    await hold(session, actor.organization_id)
    await place_all(session, actor.organization_id)
    return list(VIEWS)
