"""Reading and replacing a project's token."""

from uuid import UUID

from chassis.principal import Principal
from contracts.artifacts import CaptureTokenRotated
from kernel import Forbidden
from messaging import publish
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from artifacts import actors
from artifacts.capture.schemas import CaptureToken
from artifacts.organizations.models import NEW_TOKEN, Organization
from artifacts.roles import ADMINS

REPLACE = text(f"UPDATE organizations SET capture_token = {NEW_TOKEN} WHERE id = :id RETURNING capture_token")  # noqa: S608 ours


async def read(session: AsyncSession, principal: Principal, organization_id: UUID) -> CaptureToken:
    """The token that counts. Raises Forbidden."""
    await _demand_admin(session, principal, organization_id)
    found = select(Organization.capture_token).where(Organization.id == organization_id)
    return CaptureToken((await session.execute(found)).scalar_one())


async def rotate(session: AsyncSession, principal: Principal, organization_id: UUID) -> CaptureToken:
    """Another token from now on. Raises Forbidden."""
    await _demand_admin(session, principal, organization_id)
    token: str = (await session.execute(REPLACE, {"id": organization_id})).scalar_one()
    event = CaptureTokenRotated(organization_id=organization_id, actor=principal.subject, user_id=principal.user_id)
    await publish(session, event)
    return CaptureToken(token)


async def _demand_admin(session: AsyncSession, principal: Principal, organization_id: UUID) -> None:
    if (await actors.actor(session, principal, organization_id)).role not in ADMINS:
        raise Forbidden("Only the organization's administrators may do this.")
