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


def add_erasures(op: Any) -> None:
    """Make the table of orders to erase a person, and the view that tells the auditor of work that has to end."""
    op.execute("""
        CREATE TABLE erasures (
            reference_id uuid NOT NULL CONSTRAINT pk_erasures PRIMARY KEY,
            request_id uuid NOT NULL,
            user_id uuid,
            individual_ids uuid[] NOT NULL,
            archive boolean NOT NULL,
            state text NOT NULL DEFAULT 'wanted'
                CONSTRAINT ck_erasures_state CHECK (state IN ('wanted', 'erased', 'reported')),
            attempts integer NOT NULL DEFAULT 0,
            next_attempt_at timestamptz NOT NULL DEFAULT clock_timestamp(),
            counts jsonb NOT NULL DEFAULT '{}',
            problem text,
            created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
            erased_at timestamptz,
            reported_at timestamptz
        )
    """)
    op.execute("CREATE INDEX ix_erasures_due ON erasures (next_attempt_at) WHERE state <> 'reported'")
    op.execute("CREATE INDEX ix_erasures_user_id ON erasures (user_id)")
    op.execute("""
        CREATE VIEW sagas AS
        SELECT 'erasure of one service' AS kind, reference_id AS id, state AS status, created_at AS started_at,
               reported_at AS ended_at, created_at + interval '1 hour' AS due_at
          FROM erasures
    """)
