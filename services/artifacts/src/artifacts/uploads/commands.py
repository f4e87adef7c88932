"""Making files for somebody to download."""

import asyncio
import re
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import UUID

from chassis.runtime import Runtime
from kernel import TooManyRequests, now, uuid7
from prometheus_client import Counter, Histogram
from sqlalchemy import delete, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from artifacts.actors import Actor
from artifacts.uploads.models import Upload

LIVES = timedelta(hours=24)
CSV = "text/csv"
WAITING_PIECES = 16
"""Pieces of some 64 KiB that wait for the object store before the database has to."""
FORMULA_SIGNS = r"U&'=+-@\0009\000a\000d\ff1d\ff0b\ff0d\ff20'"
"""What a cell may not begin with: spreadsheets would compute it (OWASP, CSV injection); the wide forms, too."""
ALONE = text("SELECT pg_try_advisory_xact_lock(hashtextextended(:what, 2))")
PATIENCE = text("SET LOCAL statement_timeout = '60s'")
RETRY_SECONDS = 5
SWEPT_AT_ONCE = 100

exported = Counter("muster_artifacts_exported_rows", "Rows of files that were written for download", ["kind"])
export_seconds = Histogram("muster_artifacts_export_seconds", "Time to write a file for download", ["kind"])


def cell(expression: str) -> str:
    """SQL of a text that no spreadsheet takes for a formula: an apostrophe stands before what begins like one."""
    risky = f"{expression} <> '' AND strpos({FORMULA_SIGNS}, left({expression}, 1)) > 0"
    return f"CASE WHEN {risky} THEN chr(39) || {expression} ELSE {expression} END"


def moment(expression: str) -> str:
    """SQL of a time as RFC 3339 has it, in UTC."""
    return f"""to_char({expression} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')"""


async def write_csv(
    session: AsyncSession,
    runtime: Runtime,
    actor: Actor,
    kind: str,
    query: str,
    *values: Any,
    scope: str = "cohort:read",
) -> Upload:
    """Write a query's rows into a CSV file in the object store, as they come, and keep where it is.

    Nothing of the rows stays in memory but the pieces under way. `query` is asyncpg's SQL; its columns name the
    file's. One at a time in an organization. Raises TooManyRequests, Unavailable.
    """
    if not (await session.execute(ALONE, {"what": f"export {actor.organization_id}"})).scalar_one():
        raise TooManyRequests("Another export of the organization is running.", retry_after=RETRY_SECONDS)
    await session.execute(PATIENCE)
    connection: Any = (await (await session.connection()).get_raw_connection()).driver_connection
    identifier, made_at = uuid7(), now()
    key, name = f"uploads/{identifier}.csv", f"{kind}-{made_at:%Y%m%dT%H%M%SZ}.csv"
    with export_seconds.labels(kind).time():
        rows = _Rows(connection, query, values)
        await runtime.objects.put(key, rows.pieces(), content_type=CSV, filename=name)
    exported.labels(kind).inc(rows.count)
    upload = Upload(
        id=identifier,
        organization_id=actor.organization_id,
        user_id=actor.user_id,
        file_name=name,
        content_type=CSV,
        key=key,
        scope=scope,
        row_count=rows.count,
        expires_at=made_at + LIVES,
    )
    session.add(upload)
    await session.flush()
    return upload


class _Rows:
    """The rows of a query as pieces of a CSV file."""

    def __init__(self, connection: Any, query: str, values: tuple[Any, ...]) -> None:
        self.count = 0
        self._connection = connection
        self._query = query
        self._values = values

    async def pieces(self) -> AsyncIterator[bytes]:
        """The file, in pieces. Whoever reads slowly slows the database. What the database raises is raised."""
        waiting: asyncio.Queue[bytes | None] = asyncio.Queue(WAITING_PIECES)
        copying = asyncio.create_task(self._copy(waiting))
        try:
            while (piece := await waiting.get()) is not None:
                yield piece
            await copying
        finally:
            copying.cancel()
            await asyncio.gather(copying, return_exceptions=True)

    async def _copy(self, waiting: "asyncio.Queue[bytes | None]") -> None:
        async def take(piece: bytes) -> None:
            await waiting.put(bytes(piece))

        try:
            told: str = await self._connection.copy_from_query(
                self._query, *self._values, output=take, format="csv", header=True
            )
            self.count = int(re.sub(r"\D", "", told) or 0)
        except Exception:
            await waiting.put(None)
            raise
        await waiting.put(None)


async def sweep(session: AsyncSession, runtime: Runtime) -> int:
    """Remove files whose time is over, some at a time. Returns how many."""
    expired = select(Upload.id, Upload.key).where(Upload.expires_at <= now()).order_by(Upload.expires_at)
    found = (await session.execute(expired.limit(SWEPT_AT_ONCE).with_for_update(skip_locked=True))).all()
    keys: list[str] = [key for _, key in found]
    await runtime.objects.delete(*keys)
    gone: list[UUID] = [identifier for identifier, _ in found]
    if gone:
        await session.execute(delete(Upload).where(Upload.id.in_(gone)))
    return len(gone)
