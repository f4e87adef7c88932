"""Persons, their distinct ids, and events."""

from alembic import op

revision = "0005"
down_revision = "0004"

STATEMENTS: tuple[str, ...] = ()


def upgrade() -> None:
    """Run the statements in order."""
    for statement in STATEMENTS:
        op.execute(statement)
