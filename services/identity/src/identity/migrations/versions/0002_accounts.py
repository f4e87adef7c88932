"""Accounts: names as they are compared, addresses that wait for their code, activities, check-ins and replications."""

from alembic import op

revision = "0002"
down_revision = "0001"

STATEMENTS: tuple[str, ...] = (
    """
    ALTER TABLE users
      ADD COLUMN first_name_key text NOT NULL DEFAULT '',
      ADD COLUMN last_name_key text NOT NULL DEFAULT '',
      ADD COLUMN preferred_name_key text NOT NULL DEFAULT ''
    """,
    # what Python makes of names from now on, as near as SQL comes to it
    r"""
    UPDATE users SET (first_name_key, last_name_key, preferred_name_key) = (
        SELECT lower(normalize(regexp_replace(coalesce(first_name, ''), seen.not_, '', 'g'), NFKC)),
               lower(normalize(regexp_replace(coalesce(last_name, ''), seen.not_, '', 'g'), NFKC)),
               lower(normalize(regexp_replace(coalesce(preferred_name, ''), seen.not_, '', 'g'), NFKC))
          FROM (VALUES ('[\u200B-\u200F\u2060\uFEFF]')) AS seen (not_))
    """,
    """
    CREATE TABLE contact_changes (
        id uuid NOT NULL CONSTRAINT pk_contact_changes PRIMARY KEY,
        user_id uuid NOT NULL CONSTRAINT fk_contact_changes_user_id_users REFERENCES users ON DELETE CASCADE,
        kind text NOT NULL,
        value text NOT NULL,
        created_at timestamptz NOT NULL DEFAULT clock_timestamp()
    )
    """,
    "CREATE INDEX ix_contact_changes_user_id ON contact_changes (user_id)",
    "CREATE INDEX ix_contact_changes_created_at ON contact_changes (created_at)",
    """
    CREATE TABLE user_activities (
        id uuid NOT NULL CONSTRAINT pk_user_activities PRIMARY KEY,
        user_id uuid NOT NULL CONSTRAINT fk_user_activities_user_id_users REFERENCES users ON DELETE CASCADE,
        event_type text NOT NULL,
        at timestamptz NOT NULL DEFAULT clock_timestamp()
    )
    """,
    "CREATE INDEX ix_user_activities_user_id ON user_activities (user_id, at)",
    "CREATE INDEX ix_user_activities_at ON user_activities (at, id)",
    """
    CREATE TABLE user_checkins (
        id uuid NOT NULL CONSTRAINT pk_user_checkins PRIMARY KEY,
        user_id uuid NOT NULL CONSTRAINT fk_user_checkins_user_id_users REFERENCES users ON DELETE CASCADE,
        source text NOT NULL,
        app_version text,
        model text,
        os_version text,
        created_at timestamptz NOT NULL DEFAULT clock_timestamp()
    )
    """,
    "CREATE INDEX ix_user_checkins_user_id ON user_checkins (user_id, source, id)",
    "CREATE INDEX ix_user_checkins_created_at ON user_checkins (created_at)",
    """
    CREATE TABLE user_replications (
        id uuid NOT NULL CONSTRAINT pk_user_replications PRIMARY KEY,
        user_id uuid NOT NULL CONSTRAINT fk_user_replications_user_id_users REFERENCES users ON DELETE CASCADE,
        service text NOT NULL,
        created_at timestamptz NOT NULL DEFAULT clock_timestamp()
    )
    """,
    "CREATE UNIQUE INDEX uq_user_replications ON user_replications (user_id, service)",
    """
    CREATE TABLE additional_individuals (
        individual_id uuid NOT NULL CONSTRAINT pk_additional_individuals PRIMARY KEY,
        user_id uuid NOT NULL
    )
    """,
    "CREATE INDEX ix_additional_individuals_user_id ON additional_individuals (user_id)",
)


def upgrade() -> None:
    """Run the statements in order."""
    for statement in STATEMENTS:
        op.execute(statement)
