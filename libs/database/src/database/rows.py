"""Reads that are asked all the time, over a few connections of plain asyncpg."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
from kernel import Unavailable

from database.engine import server_settings

MOST = 4
CONNECT_SECONDS = 5
NOT_PARALLEL = {"max_parallel_workers_per_gather": "0"}
"""Starting workers takes longer than these reads do; a plan made before the values are known may want them."""


class Record(asyncpg.Record):
    """A row whose columns are attributes, too."""

    def __getattr__(self, name: str) -> Any:
        """A column by its name."""
        try:
            return self[name]
        except KeyError:
            raise AttributeError(name) from None


class Rows:
    """`await rows("SELECT … WHERE id = $1", key)` answers the first row as asyncpg gives it, or None.

    Each call is a statement of its own. It costs a tenth of what a session does, beside the database's own time:
    nothing is checked out, begun or reset. At most `MOST` connections are opened for single rows, and as many for
    lists, when they are first needed: who asks for one row need not wait for lists.
    """

    def __init__(self, url: str, name: str) -> None:
        """`name` shows in PostgreSQL's activity view."""
        self._url = url
        self._settings = server_settings(name) | NOT_PARALLEL
        self._free: list[Any] = []
        self._room = asyncio.Semaphore(MOST)
        self._room_for_lists = asyncio.Semaphore(MOST)

    async def __call__(self, statement: str, *values: Any) -> Any:
        """The first row. Raises Unavailable where the database is away."""
        async with self._room, self._connection() as connection:
            return await connection.fetchrow(statement, *values)

    async def all(self, statement: str, *values: Any) -> list[Any]:
        """All rows, as `Record`. Raises Unavailable where the database is away."""
        async with self._room_for_lists, self._connection() as connection:
            return await connection.fetch(statement, *values, record_class=Record)

    @asynccontextmanager
    async def _connection(self) -> AsyncGenerator[Any]:
        connection = await self._take()
        try:
            yield connection
        except (asyncpg.PostgresConnectionError, asyncpg.InterfaceError, OSError) as error:
            connection.terminate()
            raise Unavailable("The database is out of reach; try again.") from error
        except BaseException:
            connection.terminate()
            raise
        self._free.append(connection)

    async def close(self) -> None:
        """Close what is open."""
        while self._free:
            await self._free.pop().close()

    async def _take(self) -> Any:
        while self._free:
            connection = self._free.pop()
            if not connection.is_closed():
                return connection
        try:
            return await asyncpg.connect(self._url, timeout=CONNECT_SECONDS, server_settings=self._settings)
        except (asyncpg.PostgresError, OSError) as error:
            raise Unavailable("The database is out of reach; try again.") from error
