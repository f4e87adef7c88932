"""Whether a service's database is at its newest schema: found out without starting Python anew for each service."""

import importlib.util
import re
from pathlib import Path

import asyncpg

REVISION = re.compile(r"""^(revision|down_revision)\b[^=\n]*=\s*["'](\w+)["']""", re.MULTILINE)


def head(service: str) -> str | None:
    """The newest revision in the service's `migrations` folder; None where that can't be told from the files."""
    spec = importlib.util.find_spec(service)
    if spec is None or spec.origin is None:
        return None
    found: dict[str, set[str]] = {"revision": set(), "down_revision": set()}
    for path in (Path(spec.origin).parent / "migrations" / "versions").glob("*.py"):
        for name, value in REVISION.findall(path.read_text(encoding="utf-8")):
            found[name].add(value)
    newest = found["revision"] - found["down_revision"]
    return newest.pop() if len(newest) == 1 else None


async def current(url: str) -> str | None:
    """The revision that a database is at; None for an empty one."""
    connection = await asyncpg.connect(url, ssl=False, timeout=5)
    try:
        return await connection.fetchval("SELECT version_num FROM alembic_version")
    except asyncpg.UndefinedTableError:
        return None
    finally:
        await connection.close()


async def needed(service: str, url: str) -> bool:
    """Whether `python -m SERVICE migrate` has something to do, or might have."""
    newest = head(service)
    return newest is None or await current(url) != newest
