"""Reading imports."""

from typing import Any
from uuid import UUID

import msgspec
from chassis.principal import Principal
from kernel import NotFound, Slice
from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from orgs.access.queries import require_organization
from orgs.imports.models import Import
from orgs.imports.schemas import ImportAttributes, ImportProblem, ImportQuery
from orgs.tasks.models import Task
from orgs.tasks.schemas import Progress


async def read(session: AsyncSession, principal: Principal, import_id: UUID) -> ImportAttributes:
    """One import, for the organization's administrators."""
    row = (await session.execute(_rows().where(Import.id == import_id))).first()
    if row is None:
        raise NotFound
    await require_organization(session, principal, row.Import.organization_id, "write")
    return _attributes(row)


async def list_(
    session: AsyncSession, principal: Principal, query: ImportQuery
) -> Slice[tuple[UUID, ImportAttributes]]:
    """A page of an organization's imports, for its administrators, oldest first."""
    await require_organization(session, principal, query.organization_id, "write")
    own = Import.organization_id == query.organization_id
    total = await session.scalar(select(func.count()).select_from(Import).where(own)) or 0
    page = _rows().where(own).order_by(Import.id).limit(query.limit).offset(query.offset)
    return Slice([(row.Import.id, _attributes(row)) for row in await session.execute(page)], total, query.page)


def _rows() -> Select[*tuple[Any, ...]]:
    return select(Import, Task.created_by, Task.created_at, Task.finished_at).join(Task, Task.id == Import.id)


def _attributes(row: Any) -> ImportAttributes:
    one: Import = row.Import
    return ImportAttributes(
        kind=one.kind,
        status=one.phase,
        organization_id=one.organization_id,
        file_name=one.file_name,
        dry_run=one.dry_run,
        task_id=one.id,
        progress=Progress(one.applied, one.rows),
        rows=one.rows,
        created=one.created,
        changed=one.changed,
        error_count=one.error_count,
        errors=msgspec.convert(one.errors, list[ImportProblem]),
        created_by_id=row.created_by,
        created_time=row.created_at,
        finished_time=row.finished_at,
    )
