"""Engines and sessions."""

from typing import Any

import msgspec
from sqlalchemy import event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine

STATEMENT_TIMEOUT = "15s"


def asyncpg_url(url: str) -> str:
    """The SQLAlchemy form of a `postgresql://` address."""
    return make_url(url).set(drivername="postgresql+asyncpg").render_as_string(hide_password=False)


def server_settings(name: str) -> dict[str, str]:
    """What every connection of a service is opened with."""
    return {
        "application_name": name,
        "timezone": "UTC",
        "jit": "off",
        "statement_timeout": STATEMENT_TIMEOUT,
        "idle_in_transaction_session_timeout": "60s",
    }


def engine(url: str, name: str, *, pool_size: int = 10, **options: Any) -> AsyncEngine:
    """An engine for one service's database. `name` shows in PostgreSQL's activity view.

    Connections are not tested before use: that costs a round trip a request. One known to be closed is replaced; a
    server that went away otherwise fails one request, which answers 503, and the pool drops every connection with it.
    Errors do not show the values of a statement: they would carry people's data into logs.
    """
    made = create_async_engine(
        asyncpg_url(url),
        pool_size=pool_size,
        max_overflow=5,
        pool_timeout=5,
        pool_recycle=1800,
        hide_parameters=True,
        json_serializer=_json,
        json_deserializer=msgspec.json.decode,
        connect_args={"server_settings": server_settings(name), "timeout": 5},
        **options,
    )
    event.listen(made.sync_engine, "checkout", _refuse_closed)
    return made


def _refuse_closed(connection: Any, _record: Any, _proxy: Any) -> None:
    """The server, or a statement that was broken off, may have closed a connection while it was in the pool."""
    if connection.driver_connection.is_closed():
        raise DisconnectionError


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()


def session_maker(bind: AsyncEngine) -> async_sessionmaker[AsyncSession]:
    """Sessions whose rows stay readable after the commit."""
    return async_sessionmaker(bind, expire_on_commit=False)
