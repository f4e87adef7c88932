"""Reads of uploads."""

from uuid import UUID

from kernel import NotFound, now
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
