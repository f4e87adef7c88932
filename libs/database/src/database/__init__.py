"""Engine, sessions, models' base and pages. `database.migrations` is imported where it is used: Alembic is large."""

from database.bookmarks import Bookmarks, Way
from database.engine import asyncpg_url, engine, session_maker
from database.models import Base, Keyed, Timestamps
from database.paging import count_of, page_of, rows_of
from database.rows import Record, Rows
from database.templates import Template, Templates

__all__ = [
    "Base",
    "Bookmarks",
    "Keyed",
    "Record",
    "Rows",
    "Template",
    "Templates",
    "Timestamps",
    "Way",
    "asyncpg_url",
    "count_of",
    "engine",
    "page_of",
    "rows_of",
    "session_maker",
]
