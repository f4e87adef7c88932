"""Taking a file in."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO
from uuid import UUID

from chassis.runtime import Runtime
from kernel import now, uuid7
from sqlalchemy.ext.asyncio import AsyncSession

from artifacts.cohorts.imports.models import CohortImport
from artifacts.cohorts.imports.sheets import Sheet, copy_ids
from artifacts.uploads.commands import LIVES
from artifacts.uploads.models import Upload

JSON_LINES = "application/x-ndjson"
KEPT = "imports/{}.jsonl"
SCOPE = "person:read"


@asynccontextmanager
async def checked(file: IO[bytes]) -> AsyncGenerator[tuple[Sheet, Path]]:
    """A CSV file's ids in a file of their own, as long as the block runs. Raises Invalid."""
    with NamedTemporaryFile(suffix=".jsonl") as ids:
        sheet = await asyncio.to_thread(copy_ids, file, ids)
        await asyncio.to_thread(ids.flush)
        yield sheet, Path(ids.name)


async def begin(
    session: AsyncSession, runtime: Runtime, organization_id: UUID, cohort_id: UUID, sheet: Sheet, ids: Path
) -> None:
    """Let the persons of a checked file come into a cohort; the worker does it after the commit.

    The object is an upload like others, noted before it is written: whatever becomes of this transaction, it is swept
    after a day, and an erasure in the organization takes it.
    """
    identifier = uuid7()
    key = KEPT.format(identifier)
    async with runtime.sessions.begin() as own:
        own.add(
            Upload(
                organization_id=organization_id,
                file_name=f"{identifier}.jsonl",
                content_type=JSON_LINES,
                key=key,
                scope=SCOPE,
                row_count=sheet.count,
                expires_at=now() + LIVES,
            )
        )
    await runtime.objects.put(key, ids, content_type=JSON_LINES)
    session.add(
        CohortImport(
            id=identifier,
            organization_id=organization_id,
            cohort_id=cohort_id,
            kind=sheet.kind,
            key=key,
            id_count=sheet.count,
        )
    )
    await session.flush()
