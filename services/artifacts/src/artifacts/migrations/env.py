"""Alembic's entry."""

from artifacts.models_index import metadata
from database.migrations import run

run(metadata)
