"""Passkeys and SCIM."""

from alembic import op

revision = "0009"
down_revision = "0008"

STATEMENTS: tuple[str, ...] = (
    "ALTER TABLE sessions ADD COLUMN auth_time timestamptz, ADD COLUMN acr text, ADD COLUMN amr text[]",
    "UPDATE sessions SET auth_time = created_at, acr = 'aal1', amr = '{pwd}' WHERE impersonator_id IS NULL AND ended_at IS NULL",
    """
    CREATE TABLE passkeys (
        id uuid CONSTRAINT pk_passkeys PRIMARY KEY,
        user_id uuid NOT NULL CONSTRAINT fk_passkeys_user_id_users REFERENCES users (id) ON DELETE CASCADE,
        credential_id bytea NOT NULL,
        public_key bytea NOT NULL,
        sign_count bigint NOT NULL,
        name text NOT NULL,
        transports text[] NOT NULL,
        aaguid uuid NOT NULL,
        synced boolean NOT NULL,
        created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        last_used_at timestamptz,
        suspended_at timestamptz
    )
    """,
    "CREATE INDEX ix_passkeys_user_id ON passkeys (user_id)",
    "CREATE UNIQUE INDEX uq_passkeys_credential_id ON passkeys (credential_id)",
    """
    CREATE TABLE passkey_challenges (
        mark bytea CONSTRAINT pk_passkey_challenges PRIMARY KEY,
        purpose text NOT NULL,
        user_id uuid CONSTRAINT fk_passkey_challenges_user_id_users REFERENCES users (id) ON DELETE CASCADE,
        expires_at timestamptz NOT NULL
    )
    """,
    "CREATE INDEX ix_passkey_challenges_expires_at ON passkey_challenges (expires_at)",
)


def upgrade() -> None:
    """Run the statements in order."""
    for statement in STATEMENTS:
        op.execute(statement)
