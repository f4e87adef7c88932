"""What the OpenID Provider keeps."""

from alembic import op

revision = "0006"
down_revision = "0005"

STATEMENTS: tuple[str, ...] = ()


def upgrade() -> None:
    """Run the statements in order."""
    for statement in STATEMENTS:
        op.execute(statement)
