"""Erasure."""

import chassis.migrations
from alembic import op

revision = "0004"
down_revision = "0003"

STATEMENTS: tuple[str, ...] = ("ALTER TABLE individuals ADD COLUMN archived_at timestamptz",)


def upgrade() -> None:
    """Orders to erase a person, then the statements in order."""
    chassis.migrations.add_erasures(op)
    for statement in STATEMENTS:
        op.execute(statement)
