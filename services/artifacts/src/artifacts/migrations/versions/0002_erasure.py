"""Erasure."""

import chassis.migrations
from alembic import op

revision = "0002"
down_revision = "0001"

STATEMENTS: tuple[str, ...] = ()


def upgrade() -> None:
    """Orders to erase a person, then the statements in order."""
    chassis.migrations.add_erasures(op)
    for statement in STATEMENTS:
        op.execute(statement)
