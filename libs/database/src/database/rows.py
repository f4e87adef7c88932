"""Reads of one row that are asked all the time, over a few connections of plain asyncpg."""

import asyncio
from typing import Any

import asyncpg
from kernel import Unavailable

from database.engine import server_settings

MOST = 4
CONNECT_SECONDS = 5


class Rows:
    """`await rows("SELECT … WHERE id = $1", key)` answers the first row as asyncpg gives it, or None.

    Each call is a statement of its own. It costs a tenth of what a session does, beside the database's own time:
    nothing is checked out, begun or reset. At most `MOST` connections are opened, when they are first needed.
    """

    def __init__(self, url: str, name: str) -> None:
        """`name` shows in PostgreSQL's activity view."""
        self._url = url
        self._settings = server_settings(name)
        self._free: list[Any] = []
        self._room = asyncio.Semaphore(MOST)

    async def __call__(self, statement: str, *values: Any) -> Any:
        """The first row. Raises Unavailable where the database is away."""
        async with self._room:
            connection = await self._take()
            try:
                row = await connection.fetchrow(statement, *values)
            except (asyncpg.PostgresConnectionError, asyncpg.InterfaceError, OSError) as error:
                connection.terminate()
                raise Unavailable("The database is out of reach; try again.") from error
            except BaseException:
                connection.terminate()
                raise
            self._free.append(connection)
            return row

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
