"""Erasure."""

import chassis.migrations
from alembic import op

revision = "0005"
down_revision = "0004"

STATEMENTS: tuple[str, ...] = (
    """
    CREATE TABLE deletion_requests (
        id uuid CONSTRAINT pk_deletion_requests PRIMARY KEY,
        type text NOT NULL,
        user_id uuid,
        individual_ids uuid[] NOT NULL,
        organization_ids uuid[] NOT NULL,
        email_mark bytea,
        archive boolean NOT NULL,
        archive_key bytea,
        status text NOT NULL,
        created_by uuid,
        created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        updated_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        ended_at timestamptz
    )
    """,
    "CREATE INDEX ix_deletion_requests_email_mark ON deletion_requests (email_mark, id)",
    "CREATE INDEX ix_deletion_requests_user_id ON deletion_requests (user_id)",
    "CREATE INDEX ix_deletion_requests_unfinished ON deletion_requests (id) WHERE status IN ('pending', 'running')",
    """
    CREATE TABLE deletion_steps (
        reference_id uuid CONSTRAINT pk_deletion_steps PRIMARY KEY,
        request_id uuid NOT NULL CONSTRAINT fk_deletion_steps_request_id_deletion_requests
            REFERENCES deletion_requests (id) ON DELETE CASCADE,
        app text NOT NULL,
        state text NOT NULL,
        attempts integer NOT NULL DEFAULT 0,
        next_attempt_at timestamptz,
        started_at timestamptz,
        ended_at timestamptz,
        receipt jsonb,
        CONSTRAINT uq_deletion_steps_request_id_app UNIQUE (request_id, app)
    )
    """,
    """
    CREATE TABLE deletion_copies (
        reference_id uuid NOT NULL CONSTRAINT fk_deletion_copies_reference_id_deletion_steps
            REFERENCES deletion_steps (reference_id) ON DELETE CASCADE,
        part integer NOT NULL,
        sealed bytea NOT NULL,
        created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        CONSTRAINT pk_deletion_copies PRIMARY KEY (reference_id, part)
    )
    """,
    """
    CREATE TABLE archive_requests (
        id uuid CONSTRAINT pk_archive_requests PRIMARY KEY,
        individual_id uuid NOT NULL,
        user_id uuid,
        organization_id uuid,
        interview_id uuid NOT NULL,
        email text,
        state text NOT NULL,
        created_by uuid,
        created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        updated_at timestamptz NOT NULL DEFAULT clock_timestamp()
    )
    """,
    "CREATE INDEX ix_archive_requests_individual_id ON archive_requests (individual_id, id)",
    """
    CREATE UNIQUE INDEX uq_archive_requests_open ON archive_requests (individual_id)
     WHERE state IN ('archive-requested', 'archive-confirmed')
    """,
    """
    CREATE TABLE archive_answers (
        request_id uuid NOT NULL CONSTRAINT fk_archive_answers_request_id_archive_requests
            REFERENCES archive_requests (id) ON DELETE CASCADE,
        question_id uuid NOT NULL,
        value text NOT NULL,
        answered_by uuid,
        answered_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        CONSTRAINT pk_archive_answers PRIMARY KEY (request_id, question_id)
    )
    """,
    """
    CREATE OR REPLACE VIEW sagas AS
    SELECT 'erasure of one service' AS kind, reference_id AS id, state AS status, created_at AS started_at,
           reported_at AS ended_at, created_at + interval '1 hour' AS due_at
      FROM erasures
    UNION ALL
    SELECT 'deletion request', id, status, created_at, ended_at, created_at + interval '1 hour'
      FROM deletion_requests
    UNION ALL
    SELECT 'archive request', id, state, updated_at, CASE WHEN state <> 'archive-confirmed' THEN updated_at END,
           updated_at + interval '1 hour'
      FROM archive_requests WHERE state <> 'archive-requested'
    """,
)


def upgrade() -> None:
    """Orders to erase a person, then the statements in order."""
    chassis.migrations.add_erasures(op)
    for statement in STATEMENTS:
        op.execute(statement)
