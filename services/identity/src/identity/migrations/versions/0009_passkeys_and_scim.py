"""Passkeys and SCIM."""

from alembic import op

revision = "0009"
down_revision = "0008"

STATEMENTS: tuple[str, ...] = ()


def upgrade() -> None:
    """Run the statements in order."""
    for statement in STATEMENTS:
        op.execute(statement)
