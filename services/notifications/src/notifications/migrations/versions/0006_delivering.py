"""Limits and quiet hours of deliveries."""

from alembic import op

revision = "0006"
down_revision = "0005"

STATEMENTS: tuple[str, ...] = (
    """CREATE UNLOGGED TABLE delivery_budgets (
        key uuid CONSTRAINT pk_delivery_budgets PRIMARY KEY,
        full_at timestamptz NOT NULL)""",
    "ALTER TABLE deliveries ADD COLUMN bulk boolean NOT NULL DEFAULT false, ADD COLUMN slot_at timestamptz",
    "DROP INDEX ix_deliveries_due",
    "CREATE INDEX ix_deliveries_due ON deliveries (bulk, next_attempt_at, id) WHERE status = 'pending'",
)


def upgrade() -> None:
    """Run the statements in order."""
    for statement in STATEMENTS:
        op.execute(statement)
