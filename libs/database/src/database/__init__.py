"""Engine, sessions, models' base, migrations and pages."""

from database.engine import asyncpg_url, engine, fetch_row, session_maker
from database.migrations import migrate
from database.models import Base, Keyed, Timestamps
from database.paging import count_of, page_of

__all__ = [
    "Base",
    "Keyed",
    "Timestamps",
    "asyncpg_url",
    "count_of",
    "engine",
    "fetch_row",
    "migrate",
    "page_of",
    "session_maker",
]
