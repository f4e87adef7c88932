"""Alembic's entry."""

from database.migrations import run
from notifications.models_index import metadata

run(metadata)
