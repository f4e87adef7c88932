"""The tables of messaging, made by a service's own migrations.

A later change is a function of its own (`add_...(op)`), called from a new migration of each service.
"""

from typing import Any, Protocol

from sqlalchemy import text

from messaging.partitions import DAYS_AHEAD, partition_statements

OUTBOX = """
CREATE TABLE outbox (
    id bigint GENERATED ALWAYS AS IDENTITY,
    event_id uuid NOT NULL,
    event_type text NOT NULL,
    aggregate_type text NOT NULL,
    aggregate_id text NOT NULL,
    aggregate_version bigint NOT NULL,
    subject text NOT NULL,
    tenant_id uuid,
    payload json NOT NULL,
    headers json NOT NULL,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    published_at timestamptz,
    sequence bigint,
    CONSTRAINT pk_outbox PRIMARY KEY (id, created_at)
) PARTITION BY RANGE (created_at)
"""

STATEMENTS = (
    """
CREATE TABLE aggregate_versions (
    aggregate_type text NOT NULL,
    aggregate_id text NOT NULL,
    version bigint NOT NULL,
    CONSTRAINT pk_aggregate_versions PRIMARY KEY (aggregate_type, aggregate_id)
) WITH (fillfactor = 80)
""",
    OUTBOX,
    "CREATE INDEX ix_outbox_pending ON outbox (id) WHERE published_at IS NULL",
    "CREATE INDEX ix_outbox_aggregate ON outbox (aggregate_type, aggregate_id, aggregate_version)",
    "CREATE TABLE outbox_default PARTITION OF outbox DEFAULT",
    """
CREATE TABLE inbox (
    consumer text NOT NULL,
    event_id uuid NOT NULL,
    event_type text NOT NULL,
    aggregate_type text NOT NULL,
    aggregate_id text NOT NULL,
    aggregate_version bigint NOT NULL,
    stream text NOT NULL,
    sequence bigint NOT NULL,
    handled_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT pk_inbox PRIMARY KEY (consumer, event_id)
)
""",
    "CREATE INDEX ix_inbox_handled_at ON inbox (handled_at)",
    """
CREATE TABLE inbox_aggregates (
    consumer text NOT NULL,
    aggregate_type text NOT NULL,
    aggregate_id text NOT NULL,
    version bigint NOT NULL,
    state text NOT NULL DEFAULT 'open',
    CONSTRAINT pk_inbox_aggregates PRIMARY KEY (consumer, aggregate_type, aggregate_id),
    CONSTRAINT ck_inbox_aggregates_state CHECK (state IN ('open', 'waiting', 'parked'))
) WITH (fillfactor = 80)
""",
    "CREATE INDEX ix_inbox_aggregates_state ON inbox_aggregates (consumer, state) WHERE state <> 'open'",
    """
CREATE TABLE parked_events (
    consumer text NOT NULL,
    event_id uuid NOT NULL,
    aggregate_type text NOT NULL,
    aggregate_id text NOT NULL,
    aggregate_version bigint NOT NULL,
    subject text NOT NULL,
    stream text NOT NULL,
    sequence bigint NOT NULL,
    headers json NOT NULL,
    envelope bytea NOT NULL,
    reason text NOT NULL,
    error text NOT NULL,
    attempts integer NOT NULL,
    parked_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT pk_parked_events PRIMARY KEY (consumer, event_id)
)
""",
    """
CREATE INDEX ix_parked_events_aggregate
    ON parked_events (consumer, aggregate_type, aggregate_id, aggregate_version)
""",
)


class Executes(Protocol):
    """What runs statements: Alembic's `op` or a SQLAlchemy connection."""

    def execute(self, statement: Any, /) -> Any: ...


def create(op: Executes) -> None:
    """Make messaging's tables, with partitions for today and the next days."""
    for statement in (*STATEMENTS, *partition_statements(DAYS_AHEAD)):
        op.execute(text(statement))


def drop(op: Executes) -> None:
    """Remove messaging's tables and all that is in them."""
    for table in ("outbox", "aggregate_versions", "inbox", "inbox_aggregates", "parked_events"):
        op.execute(text(f"DROP TABLE {table}"))
