"""Taking a file in."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO
from uuid import UUID

from chassis.runtime import Runtime
from kernel import uuid7
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from artifacts.cohorts.imports.models import CohortImport
from artifacts.cohorts.imports.sheets import Sheet, copy_ids

JSON_LINES = "application/x-ndjson"
KEPT = "imports/{}.jsonl"
ALIVE = text("SELECT id FROM cohort_imports WHERE cohort_id = :cohort_id LIMIT 1")


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

    The object is written first: one that no row names is swept with the folder's age, a row without an object would
    fail.
    """
    identifier = uuid7()
    key = KEPT.format(identifier)
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
