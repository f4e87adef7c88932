"""Schema migrations: Alembic over the service's own `migrations` folder."""

import asyncio
from importlib.resources import files

from alembic import command, context
from alembic.config import Config
from sqlalchemy import Connection, MetaData, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from database.engine import asyncpg_url

LOCK = 7_263_001
LOCK_TIMEOUT = "5s"


def configuration(service: str, url: str) -> Config:
    """Alembic's configuration of a service."""
    config = Config()
    config.set_main_option("script_location", str(files(service) / "migrations"))
    config.set_main_option("sqlalchemy.url", asyncpg_url(url).replace("%", "%%"))
    return config


def migrate(service: str, url: str, revision: str = "head") -> None:
    """Bring a service's database to `revision`. Concurrent callers wait for each other."""
    command.upgrade(configuration(service, url), revision)


def run(metadata: MetaData | None = None) -> None:
    """What every `migrations/env.py` calls."""
    config = context.config
    url = config.get_main_option("sqlalchemy.url") or ""
    if (connection := config.attributes.get("connection")) is not None:
        _upgrade(connection, metadata)
        return
    asyncio.run(_connect(url, metadata))


async def _connect(url: str, metadata: MetaData | None) -> None:
    engine = create_async_engine(url, poolclass=NullPool)
    async with engine.connect() as connection:
        await connection.run_sync(_upgrade, metadata)
        await connection.commit()
    await engine.dispose()


def _upgrade(connection: Connection, metadata: MetaData | None) -> None:
    """One transaction under an advisory lock, which waits for tables at most `LOCK_TIMEOUT`."""
    context.configure(connection=connection, target_metadata=metadata, transactional_ddl=True)
    with context.begin_transaction():
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
        connection.execute(text(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'"))
        context.run_migrations()
