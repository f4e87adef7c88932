"""Reading tasks."""

from uuid import UUID

from chassis.principal import Principal
from kernel import NotFound
from sqlalchemy.ext.asyncio import AsyncSession

from orgs.access.queries import reach_of
from orgs.tasks.models import Task
from orgs.tasks.schemas import Progress, TaskAttributes


async def read(session: AsyncSession, principal: Principal, task_id: UUID) -> TaskAttributes:
    """A task, for who asked for it and the organization's administrators."""
    task = await session.get(Task, task_id)
    if task is None:
        raise NotFound
    if principal.service is None and (principal.user_id is None or task.created_by != principal.user_id):
        reach = await reach_of(session, principal)
        if task.organization_id not in reach.admin_of:
            raise NotFound
    return TaskAttributes(
        kind=task.kind,
        status=task.status,
        organization_id=task.organization_id,
        created_by_id=task.created_by,
        created_time=task.created_at,
        finished_time=task.finished_at,
        progress=None if task.done is None else Progress(task.done, task.total),
        result=task.result,
    )
