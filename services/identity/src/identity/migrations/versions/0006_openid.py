"""What the OpenID Provider keeps."""

from alembic import op

revision = "0006"
down_revision = "0005"

STATEMENTS: tuple[str, ...] = (
    """
    CREATE TABLE oauth2_clients (
        id uuid CONSTRAINT pk_oauth2_clients PRIMARY KEY,
        client_id text NOT NULL,
        organization_id uuid NOT NULL,
        name text NOT NULL,
        application_type text NOT NULL,
        auth_method text NOT NULL,
        grant_types text[] NOT NULL,
        redirect_uris text[] NOT NULL,
        post_logout_redirect_uris text[] NOT NULL,
        backchannel_logout_uri text,
        scopes text[] NOT NULL,
        asks_consent boolean NOT NULL,
        pushed_only boolean NOT NULL,
        jwks jsonb,
        jwks_uri text,
        secret_hash bytea,
        secret_set_at timestamptz,
        previous_secret_hash bytea,
        previous_secret_until timestamptz,
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now(),
        deleted_at timestamptz
    )
    """,
    "CREATE UNIQUE INDEX uq_oauth2_clients_client_id ON oauth2_clients (client_id)",
    "CREATE INDEX ix_oauth2_clients_organization_id ON oauth2_clients (organization_id, id)",
    """
    ALTER TABLE sessions
        ADD COLUMN client_id uuid CONSTRAINT fk_sessions_client_id_oauth2_clients REFERENCES oauth2_clients (id),
        ADD COLUMN provider_session_id uuid,
        ADD COLUMN scopes text[],
        ADD COLUMN claims jsonb,
        ADD COLUMN client_to_tell boolean NOT NULL DEFAULT false
    """,
    """
    CREATE INDEX ix_sessions_provider_session_id ON sessions (provider_session_id)
     WHERE provider_session_id IS NOT NULL
    """,
    "CREATE INDEX ix_sessions_client_id ON sessions (client_id) WHERE client_id IS NOT NULL",
    "CREATE INDEX ix_sessions_client_to_tell ON sessions (user_id) WHERE client_to_tell",
    "CREATE INDEX ix_sessions_client_left ON sessions (id) WHERE client_to_tell AND ended_at IS NOT NULL",
    """
    CREATE TABLE browser_sessions (
        hash bytea CONSTRAINT pk_browser_sessions PRIMARY KEY,
        session_id uuid NOT NULL CONSTRAINT fk_browser_sessions_session_id_sessions
            REFERENCES sessions (id) ON DELETE CASCADE,
        created_at timestamptz NOT NULL DEFAULT clock_timestamp()
    )
    """,
    "CREATE INDEX ix_browser_sessions_session_id ON browser_sessions (session_id)",
    """
    CREATE TABLE oauth2_interactions (
        id uuid CONSTRAINT pk_oauth2_interactions PRIMARY KEY,
        client_id uuid NOT NULL CONSTRAINT fk_oauth2_interactions_client_id_oauth2_clients
            REFERENCES oauth2_clients (id),
        organization_id uuid NOT NULL,
        request jsonb NOT NULL,
        browser bytea NOT NULL,
        device_code bytea,
        user_id uuid,
        session_id uuid,
        acr text,
        amr text[],
        auth_time timestamptz,
        proven_user_id uuid,
        proven_amr text[],
        consented_at timestamptz,
        created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        expires_at timestamptz NOT NULL,
        ended_at timestamptz
    )
    """,
    "CREATE INDEX ix_oauth2_interactions_expires_at ON oauth2_interactions (expires_at)",
    "CREATE INDEX ix_oauth2_interactions_user_id ON oauth2_interactions (user_id)",
    """
    CREATE TABLE oauth2_pushed_requests (
        hash bytea CONSTRAINT pk_oauth2_pushed_requests PRIMARY KEY,
        client_id uuid NOT NULL CONSTRAINT fk_oauth2_pushed_requests_client_id_oauth2_clients
            REFERENCES oauth2_clients (id),
        parameters jsonb NOT NULL,
        expires_at timestamptz NOT NULL,
        used_at timestamptz
    )
    """,
    "CREATE INDEX ix_oauth2_pushed_requests_expires_at ON oauth2_pushed_requests (expires_at)",
    """
    CREATE TABLE oauth2_consents (
        user_id uuid NOT NULL,
        client_id uuid NOT NULL CONSTRAINT fk_oauth2_consents_client_id_oauth2_clients REFERENCES oauth2_clients (id),
        scopes text[] NOT NULL,
        claims text[] NOT NULL DEFAULT '{}',
        given_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        CONSTRAINT pk_oauth2_consents PRIMARY KEY (user_id, client_id)
    )
    """,
    """
    CREATE TABLE oauth2_codes (
        hash bytea CONSTRAINT pk_oauth2_codes PRIMARY KEY,
        client_id uuid NOT NULL CONSTRAINT fk_oauth2_codes_client_id_oauth2_clients REFERENCES oauth2_clients (id),
        user_id uuid NOT NULL,
        provider_session_id uuid NOT NULL,
        redirect_uri text,
        code_challenge text,
        nonce text,
        scopes text[] NOT NULL,
        claims jsonb,
        acr text NOT NULL,
        amr text[] NOT NULL,
        auth_time timestamptz NOT NULL,
        expires_at timestamptz NOT NULL,
        used_at timestamptz,
        session_id uuid
    )
    """,
    "CREATE INDEX ix_oauth2_codes_expires_at ON oauth2_codes (expires_at)",
    "CREATE INDEX ix_oauth2_codes_user_id ON oauth2_codes (user_id)",
    """
    CREATE TABLE oauth2_device_codes (
        hash bytea CONSTRAINT pk_oauth2_device_codes PRIMARY KEY,
        client_id uuid NOT NULL CONSTRAINT fk_oauth2_device_codes_client_id_oauth2_clients
            REFERENCES oauth2_clients (id),
        user_code bytea NOT NULL,
        scopes text[] NOT NULL,
        state text NOT NULL,
        "interval" integer NOT NULL,
        next_poll_at timestamptz NOT NULL,
        user_id uuid,
        provider_session_id uuid,
        acr text,
        amr text[],
        auth_time timestamptz,
        expires_at timestamptz NOT NULL
    )
    """,
    "CREATE UNIQUE INDEX uq_oauth2_device_codes_user_code ON oauth2_device_codes (user_code)",
    "CREATE INDEX ix_oauth2_device_codes_expires_at ON oauth2_device_codes (expires_at)",
    "CREATE INDEX ix_oauth2_device_codes_user_id ON oauth2_device_codes (user_id)",
    """
    CREATE TABLE oauth2_assertions (
        client_id uuid NOT NULL,
        jti text NOT NULL,
        expires_at timestamptz NOT NULL,
        CONSTRAINT pk_oauth2_assertions PRIMARY KEY (client_id, jti)
    )
    """,
    "CREATE INDEX ix_oauth2_assertions_expires_at ON oauth2_assertions (expires_at)",
    """
    CREATE TABLE oauth2_logouts (
        session_id uuid CONSTRAINT pk_oauth2_logouts PRIMARY KEY,
        client_id uuid NOT NULL CONSTRAINT fk_oauth2_logouts_client_id_oauth2_clients REFERENCES oauth2_clients (id),
        user_id uuid NOT NULL,
        attempts integer NOT NULL DEFAULT 0,
        next_attempt_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        outcome text,
        created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        ended_at timestamptz
    )
    """,
    "CREATE INDEX ix_oauth2_logouts_next_attempt_at ON oauth2_logouts (next_attempt_at) WHERE ended_at IS NULL",
    "CREATE INDEX ix_oauth2_logouts_user_id ON oauth2_logouts (user_id)",
)


def upgrade() -> None:
    """Run the statements in order."""
    for statement in STATEMENTS:
        op.execute(statement)
