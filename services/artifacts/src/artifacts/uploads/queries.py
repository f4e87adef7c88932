"""Reads of uploads."""

from uuid import UUID

from chassis.principal import Principal
from kernel import Forbidden, NotFound, now
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from artifacts.actors import Actor
from artifacts.uploads.models import Upload


async def one(session: AsyncSession, actor: Actor, upload_id: UUID) -> Upload:
    """A file of the actor's organization. Raises NotFound, also when its time is over."""
    statement = select(Upload).where(
        Upload.id == upload_id, Upload.organization_id == actor.organization_id, Upload.expires_at > now()
    )
    found = (await session.scalars(statement)).one_or_none()
    if found is None:
        raise NotFound
    return found


def demand_scope(upload: Upload, principal: Principal) -> None:
    """An API key needs the scope of what the file holds. Raises Forbidden."""
    if principal.scopes is not None and upload.scope not in principal.scopes:
        raise Forbidden(f"The credential lacks the scope {upload.scope}.", code="insufficient-scope")
