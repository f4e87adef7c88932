"""Engines and sessions."""

import asyncio
from typing import Any

import asyncpg
import msgspec
from kernel import Unavailable
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.util import greenlet_spawn

STATEMENT_TIMEOUT = "15s"


def asyncpg_url(url: str) -> str:
    """The SQLAlchemy form of a `postgresql://` address."""
    return make_url(url).set(drivername="postgresql+asyncpg").render_as_string(hide_password=False)


def engine(url: str, name: str, *, pool_size: int = 10, **options: Any) -> AsyncEngine:
    """An engine for one service's database. `name` shows in PostgreSQL's activity view.

    Connections are not tested before use: that costs a round trip a request. A server that went away fails one
    request, which answers 503, and the pool drops every connection with it.
    """
    settings = {
        "application_name": name,
        "timezone": "UTC",
        "jit": "off",
        "statement_timeout": STATEMENT_TIMEOUT,
        "idle_in_transaction_session_timeout": "60s",
    }
    return create_async_engine(
        asyncpg_url(url),
        pool_size=pool_size,
        max_overflow=5,
        pool_timeout=5,
        pool_recycle=1800,
        json_serializer=_json,
        json_deserializer=msgspec.json.decode,
        connect_args={"server_settings": settings, "timeout": 5},
        **options,
    )


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()


async def fetch_row(bind: AsyncEngine, statement: str, *values: Any) -> Any:
    """The first row of a read straight from asyncpg, or None; values stand for `$1`, `$2` and so on.

    For reads that are asked all the time: it costs a sixth of what a session does, beside the database's own time.
    Rows are asyncpg's. Raises Unavailable where the connection is lost.
    """
    connection = await bind.raw_connection()
    try:
        return await connection.driver_connection.fetchrow(statement, *values)  # pyright: ignore[reportOptionalMemberAccess]
    except (asyncpg.PostgresConnectionError, asyncpg.InterfaceError, OSError) as error:
        await greenlet_spawn(connection.invalidate, error)
        raise Unavailable("The database is out of reach; try again.") from error
    except asyncio.CancelledError as error:
        await greenlet_spawn(connection.invalidate, error)
        raise
    finally:
        await greenlet_spawn(connection.close)


def session_maker(bind: AsyncEngine) -> async_sessionmaker[AsyncSession]:
    """Sessions whose rows stay readable after the commit."""
    return async_sessionmaker(bind, expire_on_commit=False)
