"""Reading exports."""

from typing import Any
from uuid import UUID

from chassis.principal import Principal
from chassis.runtime import Runtime
from kernel import NotFound, Slice
from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from orgs.access.queries import require_organization
from orgs.exports.files import TYPE, key_of
from orgs.exports.models import Export
from orgs.exports.schemas import ExportAttributes, ExportFile, ExportQuery
from orgs.tasks.models import Task
from orgs.tasks.schemas import Progress


async def read(session: AsyncSession, principal: Principal, runtime: Runtime, export_id: UUID) -> ExportAttributes:
    """One export, for the organization's administrators."""
    row = (await session.execute(_rows().where(Export.id == export_id))).first()
    if row is None:
        raise NotFound
    await require_organization(session, principal, row.Export.organization_id, "write")
    return await _attributes(runtime, row)


async def list_(
    session: AsyncSession, principal: Principal, runtime: Runtime, query: ExportQuery
) -> Slice[tuple[UUID, ExportAttributes]]:
    """A page of an organization's exports, for its administrators, oldest first."""
    await require_organization(session, principal, query.organization_id, "write")
    own = Export.organization_id == query.organization_id
    total = await session.scalar(select(func.count()).select_from(Export).where(own)) or 0
    page = _rows().where(own).order_by(Export.id).limit(query.limit).offset(query.offset)
    found = [(row.Export.id, await _attributes(runtime, row)) for row in await session.execute(page)]
    return Slice(found, total, query.page)


def _rows() -> Select[*tuple[Any, ...]]:
    columns = (Export, Task.done, Task.total, Task.created_by, Task.created_at, Task.finished_at)
    return select(*columns).join(Task, Task.id == Export.id)


async def _attributes(runtime: Runtime, row: Any) -> ExportAttributes:
    one: Export = row.Export
    files: list[ExportFile] = []
    for number, file in enumerate(one.files, 1):
        key = key_of(one.organization_id, one.id, number)
        link = await runtime.objects.download_link(key, content_type=TYPE, filename=file["name"])
        files.append(ExportFile(file["name"], file["rows"], link.url, link.expires_at))
    return ExportAttributes(
        kind=one.kind,
        status=one.phase,
        organization_id=one.organization_id,
        task_id=one.id,
        progress=Progress(row.done or 0, row.total),
        files=files,
        expires_time=one.expires_at,
        created_by_id=row.created_by,
        created_time=row.created_at,
        finished_time=row.finished_at,
    )
