"""Running queries: they may read, and for so long."""

from typing import Any
from uuid import UUID

from chassis.runtime import Runtime
from kernel import Unavailable, now
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from artifacts.cohorts.filters.compiling import whole
from artifacts.cohorts.filters.parsing import parse
from artifacts.hogql.errors import NotUnderstood
from artifacts.hogql.queries import compile_query, conditions_of

SECONDS = 10
BOUNDS = (
    "SET TRANSACTION READ ONLY",
    f"SET LOCAL statement_timeout = '{SECONDS}s'",
    "SET LOCAL work_mem = '32MB'",
)
TIMEOUT = "57014"
TOO_LONG = f"The query took longer than {SECONDS} seconds."


async def person_ids(runtime: Runtime, query: Any, organization_id: UUID) -> list[UUID]:
    """The persons of a query, in a transaction of its own that may only read.

    Raises NotUnderstood where the query cannot be run as it is written, or takes too long; Unavailable.
    """
    plain, leaves = conditions_of(query)
    compiled = compile_query(plain, organization_id)
    filters = {"properties": {"type": "AND", "values": leaves}}
    condition = whole(parse(filters, is_static=False), organization_id) if leaves else None
    try:
        async with runtime.sessions() as session:  # never committed: there is nothing to keep
            for bound in BOUNDS:
                await session.execute(text(bound))
            found = list(await session.scalars(text(compiled.sql), compiled.parameters))
            if condition is None:
                return found
            connection = await session.connection()
            rows = await connection.exec_driver_sql(condition.sql, tuple(condition.bind(now())))
            allowed = set(rows.scalars())
            return [one for one in found if one in allowed]
    except DBAPIError as error:
        raise refusal(error) from error


def refusal(error: DBAPIError) -> NotUnderstood | Unavailable:
    """What a failed query means to whoever wrote it; the database's own words may show people's data."""
    state = str(getattr(error.orig, "sqlstate", None) or "")
    if state == TIMEOUT:
        return NotUnderstood(TOO_LONG)
    if state[:2] in {"22", "42", "54", "0A"}:
        return NotUnderstood(
            "The query cannot be run as it is written: its columns, groups or values do not fit together."
        )
    return Unavailable("The query could not be run now.", retry_after=5)
