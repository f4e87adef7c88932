"""Asking for an export, and removing one."""

from datetime import timedelta
from uuid import UUID

from chassis.principal import Principal
from chassis.runtime import Runtime
from kernel import Conflict, NotFound, TooManyRequests
from sqlalchemy import insert, text
from sqlalchemy.ext.asyncio import AsyncSession

from orgs.access.queries import require_organization
from orgs.exports.files import key_of
from orgs.exports.models import Export
from orgs.exports.schemas import NewExport
from orgs.tasks.commands import record_wanted

TASK = "export"
KEPT = timedelta(days=1)
MOST_UNFINISHED = 5
AGAIN_SECONDS = 30

UNFINISHED = text("SELECT count(*) FROM exports WHERE organization_id = :id AND phase IN ('waiting', 'running')")
PLACE = text("SELECT organization_id, phase, files FROM exports WHERE id = :id FOR UPDATE")
REMOVED = text("UPDATE exports SET phase = 'removed', files = '[]' WHERE id = :id")


async def create(session: AsyncSession, principal: Principal, wanted: NewExport) -> UUID:
    """Ask for an export; its id."""
    pointer = "/data/attributes/organization-id"
    await require_organization(session, principal, wanted.organization_id, "write", pointer)
    if (await session.scalar(UNFINISHED, {"id": wanted.organization_id}) or 0) >= MOST_UNFINISHED:
        raise TooManyRequests("Other exports of the organization come first.", retry_after=AGAIN_SECONDS)
    identifier = await record_wanted(session, wanted.organization_id, TASK, principal.user_id)
    values = {"id": identifier, "organization_id": wanted.organization_id, "kind": wanted.kind}
    await session.execute(insert(Export).values(values))
    return identifier


async def delete(session: AsyncSession, principal: Principal, runtime: Runtime, export_id: UUID) -> None:
    """Remove an export's files. Raises Conflict while they are being made."""
    row = (await session.execute(PLACE, {"id": export_id})).first()
    if row is None:
        raise NotFound
    await require_organization(session, principal, row.organization_id, "write")
    if row.phase in {"waiting", "running"}:
        raise Conflict("The export is being made.")
    await remove(session, runtime, export_id)


async def remove(session: AsyncSession, runtime: Runtime, export_id: UUID) -> None:
    """Remove the files of a finished export. They go first: what fails half way is done again."""
    row = (await session.execute(PLACE, {"id": export_id})).one()
    count = len(row.files)
    await runtime.objects.delete(*(key_of(row.organization_id, export_id, number) for number in range(1, count + 1)))
    await session.execute(REMOVED, {"id": export_id})
