"""Taking a file in. Working on it is the worker's part."""

import asyncio
from typing import Any
from uuid import UUID

from chassis.principal import Principal
from kernel import TooManyRequests
from sqlalchemy import insert, text
from sqlalchemy.ext.asyncio import AsyncSession

from orgs.access.queries import require_organization
from orgs.imports.models import Import, ImportPiece
from orgs.imports.schemas import NewImportQuery
from orgs.sheets.reading import inspect
from orgs.tasks.commands import record_wanted

KIND = "import"
LARGEST_FILE = 32 * 1024 * 1024
PIECE = 1024 * 1024
MOST_UNFINISHED = 5
AGAIN_SECONDS = 30

UNFINISHED = text("""
SELECT count(*) FROM imports WHERE organization_id = :id AND phase IN ('waiting', 'checking', 'applying')
""")


async def create(session: AsyncSession, principal: Principal, wanted: NewImportQuery, content: bytes) -> UUID:
    """Keep a file for the worker, in the transaction that makes its task; the id of both.

    Raises Problems for what is wrong with the file as a whole: its encoding, its columns, too many rows.
    """
    await require_organization(session, principal, wanted.organization_id, "write")
    if (await session.scalar(UNFINISHED, {"id": wanted.organization_id}) or 0) >= MOST_UNFINISHED:
        raise TooManyRequests("Other imports of the organization come first.", retry_after=AGAIN_SECONDS)
    rows = await asyncio.to_thread(inspect, wanted.kind, content)
    identifier = await record_wanted(session, wanted.organization_id, KIND, principal.user_id, total=rows)
    values: dict[str, Any] = {"kind": wanted.kind, "file_name": wanted.file_name, "dry_run": wanted.dry_run}
    await session.execute(
        insert(Import).values(id=identifier, organization_id=wanted.organization_id, rows=rows, **values)
    )
    for number, start in enumerate(range(0, len(content), PIECE)):
        piece = {"import_id": identifier, "number": number, "content": content[start : start + PIECE]}
        await session.execute(insert(ImportPiece).values(piece))
    return identifier
