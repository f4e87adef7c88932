"""Passkeys and SCIM."""

from alembic import op

revision = "0009"
down_revision = "0008"

STATEMENTS: tuple[str, ...] = (
    "ALTER TABLE sessions ADD COLUMN auth_time timestamptz, ADD COLUMN acr text, ADD COLUMN amr text[]",
    "UPDATE sessions SET auth_time = created_at, acr = 'aal1', amr = '{pwd}' WHERE impersonator_id IS NULL AND ended_at IS NULL",
)


def upgrade() -> None:
    """Run the statements in order."""
    for statement in STATEMENTS:
        op.execute(statement)
