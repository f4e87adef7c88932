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
    """
    CREATE TABLE scim_users (
        organization_id uuid NOT NULL,
        user_id uuid NOT NULL CONSTRAINT fk_scim_users_user_id_users REFERENCES users (id) ON DELETE CASCADE,
        external_id text,
        attributes jsonb NOT NULL,
        active boolean DEFAULT true,
        managed boolean NOT NULL,
        created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        updated_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        deleted_at timestamptz,
        CONSTRAINT pk_scim_users PRIMARY KEY (organization_id, user_id)
    )
    """,
    "CREATE INDEX ix_scim_users_user_id ON scim_users (user_id)",
    "CREATE INDEX ix_scim_users_external_id ON scim_users (organization_id, external_id)",
    """
    CREATE TABLE scim_groups (
        id uuid CONSTRAINT pk_scim_groups PRIMARY KEY,
        organization_id uuid NOT NULL,
        display_name text NOT NULL,
        role text NOT NULL,
        external_id text,
        created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        updated_at timestamptz NOT NULL DEFAULT clock_timestamp()
    )
    """,
    "CREATE UNIQUE INDEX uq_scim_groups_role ON scim_groups (organization_id, role)",
    """
    CREATE TABLE scim_group_members (
        group_id uuid NOT NULL CONSTRAINT fk_scim_group_members_group_id_scim_groups
            REFERENCES scim_groups (id) ON DELETE CASCADE,
        user_id uuid NOT NULL CONSTRAINT fk_scim_group_members_user_id_users REFERENCES users (id) ON DELETE CASCADE,
        CONSTRAINT pk_scim_group_members PRIMARY KEY (group_id, user_id)
    )
    """,
    "CREATE INDEX ix_scim_group_members_user_id ON scim_group_members (user_id)",
    """
    CREATE TABLE scim_requests (
        id uuid CONSTRAINT pk_scim_requests PRIMARY KEY,
        organization_id uuid NOT NULL,
        requested_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        actor text NOT NULL,
        method text NOT NULL,
        path text NOT NULL,
        status integer NOT NULL,
        scim_type text,
        problem text,
        milliseconds integer NOT NULL
    )
    """,
    "CREATE INDEX ix_scim_requests_organization_id ON scim_requests (organization_id, id)",
    "CREATE INDEX ix_scim_requests_requested_at ON scim_requests (requested_at)",
)


def upgrade() -> None:
    """Run the statements in order."""
    for statement in STATEMENTS:
        op.execute(statement)
