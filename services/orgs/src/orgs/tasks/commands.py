"""Recording work."""

from typing import Any
from uuid import UUID

from kernel import now, uuid7
from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncSession

from orgs.tasks.models import Task


async def record_done(
    session: AsyncSession, organization_id: UUID, kind: str, created_by: UUID | None, result: dict[str, Any]
) -> UUID:
    """A task that the present transaction finishes; its id."""
    task_id = uuid7()
    values = {"id": task_id, "organization_id": organization_id, "kind": kind, "created_by": created_by}
    await session.execute(insert(Task).values(**values, status="done", finished_at=now(), result=result))
    return task_id
