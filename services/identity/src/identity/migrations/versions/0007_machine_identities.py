"""API keys, service accounts and anonymous accesses."""

from alembic import op

revision = "0007"
down_revision = "0006"

STATEMENTS: tuple[str, ...] = (
    """
    CREATE TABLE service_accounts (
        id uuid CONSTRAINT pk_service_accounts PRIMARY KEY
            CONSTRAINT fk_service_accounts_id_users REFERENCES users (id) ON DELETE CASCADE,
        organization_id uuid NOT NULL,
        name text NOT NULL,
        name_key text NOT NULL,
        description text,
        acts_for_users boolean NOT NULL DEFAULT false,
        created_by uuid,
        created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        updated_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        deleted_at timestamptz
    )
    """,
    "CREATE INDEX ix_service_accounts_organization_id ON service_accounts (organization_id, id)",
    """
    CREATE UNIQUE INDEX uq_service_accounts_name ON service_accounts (organization_id, name_key)
     WHERE deleted_at IS NULL
    """,
    """
    CREATE TABLE api_keys (
        id uuid CONSTRAINT pk_api_keys PRIMARY KEY,
        organization_id uuid NOT NULL,
        user_id uuid NOT NULL CONSTRAINT fk_api_keys_user_id_users REFERENCES users (id) ON DELETE CASCADE,
        name text NOT NULL,
        scopes text[] NOT NULL,
        created_by uuid,
        created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        expires_at timestamptz,
        revoked_at timestamptz,
        last_used_at timestamptz
    )
    """,
    "CREATE INDEX ix_api_keys_organization_id ON api_keys (organization_id, id)",
    "CREATE INDEX ix_api_keys_user_id ON api_keys (user_id, id)",
    """
    CREATE TABLE api_key_secrets (
        hash bytea CONSTRAINT pk_api_key_secrets PRIMARY KEY,
        api_key_id uuid NOT NULL CONSTRAINT fk_api_key_secrets_api_key_id_api_keys
            REFERENCES api_keys (id) ON DELETE CASCADE,
        start text NOT NULL,
        created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        expires_at timestamptz
    )
    """,
    "CREATE INDEX ix_api_key_secrets_api_key_id ON api_key_secrets (api_key_id)",
    "ALTER TABLE sessions ADD COLUMN service_account_id uuid",
    """
    CREATE INDEX ix_sessions_service_account_id ON sessions (service_account_id) WHERE service_account_id IS NOT NULL
    """,
    """
    CREATE TABLE anonymous_accesses (
        id uuid CONSTRAINT pk_anonymous_accesses PRIMARY KEY,
        user_id uuid NOT NULL CONSTRAINT fk_anonymous_accesses_user_id_users REFERENCES users (id) ON DELETE CASCADE,
        organization_id uuid,
        allowed_endpoints jsonb NOT NULL,
        expires_at timestamptz NOT NULL,
        created_by uuid NOT NULL,
        created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        updated_at timestamptz NOT NULL DEFAULT clock_timestamp()
    )
    """,
    "CREATE INDEX ix_anonymous_accesses_user_id ON anonymous_accesses (user_id)",
    "CREATE INDEX ix_anonymous_accesses_expires_at ON anonymous_accesses (expires_at)",
)


def upgrade() -> None:
    """Run the statements in order."""
    for statement in STATEMENTS:
        op.execute(statement)
