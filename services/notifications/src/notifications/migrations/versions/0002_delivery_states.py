"""Delivery states: how the receiving side refused a message."""

from alembic import op

revision = "0002"
down_revision = "0001"

STATEMENTS: tuple[str, ...] = ("ALTER TABLE deliveries ADD COLUMN bounce_type text, ADD COLUMN bounce_subtype text",)


def upgrade() -> None:
    """Run the statements in order."""
    for statement in STATEMENTS:
        op.execute(statement)
