"""Deliveries and the log of mails."""

import sqlalchemy as sa
from alembic import op
from chassis import migrations as chassis_tables
from messaging import migrations as messaging_tables
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP

revision = "0001"
down_revision = None

TIME = TIMESTAMP(timezone=True)
NOW = sa.text("now()")
CLOCK = sa.text("clock_timestamp()")


def upgrade() -> None:
    messaging_tables.create(op)
    chassis_tables.create(op)
    op.create_table(
        "deliveries",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("message_id", sa.Uuid, nullable=False, unique=True),
        sa.Column("type", sa.Text, nullable=False),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("user_id", sa.Uuid),
        sa.Column("organization_id", sa.Uuid),
        sa.Column("expires_at", TIME),
        sa.Column("status", sa.Text, nullable=False, server_default="pending"),
        sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
        sa.Column("next_attempt_at", TIME, nullable=False, server_default=NOW),
        sa.Column("lease_id", sa.Uuid),
        sa.Column("lease_until", TIME),
        sa.Column("reason", sa.Text),
        sa.Column("settled_at", TIME),
        sa.Column("traceparent", sa.Text),
        sa.Column("created_at", TIME, nullable=False, server_default=NOW),
        sa.Column("updated_at", TIME, nullable=False, server_default=NOW),
        sa.CheckConstraint("status IN ('pending', 'sent', 'bounced', 'failed')", name="status"),
    )
    op.create_index(
        "ix_deliveries_due", "deliveries", ["next_attempt_at"], postgresql_where=sa.text("status = 'pending'")
    )
    op.create_index("ix_deliveries_user_id", "deliveries", ["user_id"])
    op.create_table(
        "recorded_texts",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column(
            "delivery_id", sa.Uuid, sa.ForeignKey("deliveries.id", ondelete="CASCADE"), nullable=False, unique=True
        ),
        sa.Column("phone", sa.Text, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("created_at", TIME, nullable=False, server_default=NOW),
        sa.Column("updated_at", TIME, nullable=False, server_default=NOW),
    )
    _email_logs()


def _email_logs() -> None:
    op.create_table(
        "email_logs",
        sa.Column("id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
        sa.Column("delivery_id", sa.Uuid, nullable=False),
        sa.Column("organization_id", sa.Uuid),
        sa.Column("user_id", sa.Uuid),
        sa.Column("ses_id", sa.Text, nullable=False),
        sa.Column("notification_type", sa.Text, nullable=False),
        sa.Column("bounce_type", sa.Text),
        sa.Column("bounce_subtype", sa.Text),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("destination", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("timestamp", TIME, nullable=False, server_default=CLOCK),
        sa.Column("event_received", TIME, nullable=False, server_default=CLOCK),
        sa.Column("ses_raw", JSONB, nullable=False),
    )
    order = [sa.text("timestamp DESC"), sa.text("id DESC")]
    op.create_index("ix_email_logs_timestamp", "email_logs", order)
    op.create_index("ix_email_logs_organization", "email_logs", ["organization_id", *order])
    op.create_index("ix_email_logs_destination", "email_logs", [sa.text("lower(destination)"), *order])
    op.create_index("ix_email_logs_ses_id", "email_logs", ["ses_id"])


def downgrade() -> None:
    for table in ("email_logs", "recorded_texts", "deliveries", "idempotency_keys"):
        op.drop_table(table)
    messaging_tables.drop(op)
