"""Recording work: what is asked for, how far it is, what became of it."""

from typing import Any, Literal
from uuid import UUID

from kernel import now, uuid7
from sqlalchemy import bindparam, insert, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession

from orgs.tasks.models import Task

ADVANCE = text("""
UPDATE tasks SET status = 'running', done = :done, total = :total WHERE id = :id AND finished_at IS NULL
""")
FINISH = text("""
UPDATE tasks SET status = :status, result = :result, finished_at = clock_timestamp()
WHERE id = :id AND finished_at IS NULL
""").bindparams(bindparam("result", type_=JSONB))


async def record_done(
    session: AsyncSession, organization_id: UUID, kind: str, created_by: UUID | None, result: dict[str, Any]
) -> UUID:
    """A task that the present transaction finishes; its id."""
    task_id = uuid7()
    values = {"id": task_id, "organization_id": organization_id, "kind": kind, "created_by": created_by}
    await session.execute(insert(Task).values(**values, status="done", finished_at=now(), result=result))
    return task_id


async def record_wanted(
    session: AsyncSession, organization_id: UUID, kind: str, created_by: UUID | None, *, total: int | None = None
) -> UUID:
    """A task that somebody will work on, of `total` pieces where that is known; its id."""
    task_id = uuid7()
    values = {"id": task_id, "organization_id": organization_id, "kind": kind, "created_by": created_by}
    await session.execute(insert(Task).values(**values, status="pending", done=0, total=total))
    return task_id


async def advance(session: AsyncSession, task_id: UUID, done: int, total: int | None) -> None:
    """Say how far a task is: `done` of `total` pieces, whatever a piece is. A finished one stays as it is."""
    await session.execute(ADVANCE, {"id": task_id, "done": done, "total": total})


async def finish(
    session: AsyncSession, task_id: UUID, status: Literal["done", "failed"], result: dict[str, Any]
) -> None:
    """Say what became of a task. A finished one stays as it is."""
    await session.execute(FINISH, {"id": task_id, "status": status, "result": result})
