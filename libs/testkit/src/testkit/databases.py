"""A database for every worker: cloned from a template that was migrated once."""

import asyncio
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import asyncpg
from database.migrations import migrate
from filelock import FileLock


@contextmanager
def cloned(root_url: str, folder: Path, service: str, suffix: str = "") -> Iterator[str]:
    """The address of a fresh copy of `service`'s migrated database; dropped at the end."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    template, name = f"template_{service}", f"{service}_{worker}{suffix}"
    with FileLock(folder / f"{template}.lock"):
        asyncio.run(_prepare(root_url, template, service))
        asyncio.run(
            _run(root_url, f'DROP DATABASE IF EXISTS "{name}"', f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        )
    try:
        yield _named(root_url, name)
    finally:
        asyncio.run(_run(root_url, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'))


async def _prepare(root_url: str, template: str, service: str) -> None:
    """Make and migrate the template unless an earlier worker did. A half-made one is made again."""
    connection = await asyncpg.connect(root_url)
    try:
        done = await connection.fetchval(
            "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = $1", template
        )
        if done == "migrated":
            return
        await connection.execute(f'DROP DATABASE IF EXISTS "{template}"')
        await connection.execute(f'CREATE DATABASE "{template}"')
        await asyncio.to_thread(migrate, service, _named(root_url, template))
        await connection.execute(f"COMMENT ON DATABASE \"{template}\" IS 'migrated'")
    finally:
        await connection.close()


async def _run(root_url: str, *statements: str) -> None:
    connection = await asyncpg.connect(root_url)
    try:
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()


def _named(url: str, database: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path=f"/{database}"))
