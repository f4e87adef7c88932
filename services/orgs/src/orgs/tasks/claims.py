"""One process at a time works on a thing, and its claim ends with it however it ends."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from uuid import UUID

from chassis.runtime import Runtime
from sqlalchemy import text

TRY = text("SELECT pg_try_advisory_lock(hashtextextended(CAST(:id AS text), :seed))")
GIVE_BACK = text("SELECT pg_advisory_unlock(hashtextextended(CAST(:id AS text), :seed))")
SEEDS = {"import": 11, "export": 12}


@asynccontextmanager
async def claimed(runtime: Runtime, kind: str, identifier: UUID) -> AsyncGenerator[bool]:
    """Whether the thing is this process's until the block ends; the server takes it back when the connection goes."""
    values = {"id": str(identifier), "seed": SEEDS[kind]}
    async with runtime.engine.connect() as opened:
        connection = await opened.execution_options(isolation_level="AUTOCOMMIT")
        taken = bool(await connection.scalar(TRY, values))
        try:
            yield taken
        finally:
            if taken:
                await connection.execute(GIVE_BACK, values)
