"""The tables of the chassis, for a service's first migration."""

from typing import Any


def create(op: Any) -> None:
    """Make the table of idempotency keys."""
    op.execute("""
        CREATE TABLE idempotency_keys (
            caller text NOT NULL,
            operation text NOT NULL,
            key text NOT NULL,
            fingerprint bytea NOT NULL,
            claimed_at timestamptz NOT NULL DEFAULT now(),
            status smallint,
            answer bytea,
            PRIMARY KEY (caller, operation, key)
        )
    """)
    op.execute("CREATE INDEX ix_idempotency_keys_claimed_at ON idempotency_keys (claimed_at)")
