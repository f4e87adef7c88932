"""Identity providers and who came through them."""

from alembic import op

revision = "0008"
down_revision = "0007"

STATEMENTS: tuple[str, ...] = (
    """
    CREATE TABLE identity_providers (
        id uuid NOT NULL CONSTRAINT pk_identity_providers PRIMARY KEY,
        organization_id uuid NOT NULL,
        name text NOT NULL,
        protocol text NOT NULL,
        enabled boolean NOT NULL,
        just_in_time boolean NOT NULL,
        trusts_second_factor boolean NOT NULL,
        allows_unsolicited boolean NOT NULL,
        issuer text NOT NULL,
        metadata_url text,
        fhir_url text,
        endpoints jsonb NOT NULL,
        configured_at timestamptz NOT NULL,
        client_id text,
        client_secret bytea,
        client_authentication text NOT NULL,
        scopes text[] NOT NULL,
        attribute_names jsonb NOT NULL,
        group_rules jsonb NOT NULL,
        redirect_addresses text[] NOT NULL,
        signing_key bytea,
        certificate text,
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now()
    )
    """,
    "CREATE INDEX ix_identity_providers_organization_id ON identity_providers (organization_id)",
    "CREATE UNIQUE INDEX uq_identity_providers_fhir_url ON identity_providers (fhir_url)",
    """
    CREATE TABLE identity_provider_domains (
        provider_id uuid NOT NULL CONSTRAINT fk_identity_provider_domains_provider_id_identity_providers
            REFERENCES identity_providers (id) ON DELETE CASCADE,
        domain text NOT NULL,
        token text NOT NULL,
        verified_at timestamptz,
        CONSTRAINT pk_identity_provider_domains PRIMARY KEY (provider_id, domain)
    )
    """,
    """
    CREATE UNIQUE INDEX uq_identity_provider_domains_verified ON identity_provider_domains (domain)
     WHERE verified_at IS NOT NULL
    """,
    """
    CREATE TABLE external_identities (
        id uuid NOT NULL CONSTRAINT pk_external_identities PRIMARY KEY,
        provider_id uuid NOT NULL CONSTRAINT fk_external_identities_provider_id_identity_providers
            REFERENCES identity_providers (id) ON DELETE CASCADE,
        subject text NOT NULL,
        user_id uuid NOT NULL CONSTRAINT fk_external_identities_user_id_users
            REFERENCES users (id) ON DELETE CASCADE,
        roles text[] NOT NULL,
        group_ids uuid[] NOT NULL,
        created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        last_used_at timestamptz NOT NULL DEFAULT clock_timestamp()
    )
    """,
    "CREATE UNIQUE INDEX uq_external_identities_subject ON external_identities (provider_id, subject)",
    "CREATE INDEX ix_external_identities_user_id ON external_identities (user_id)",
    """
    CREATE TABLE external_sign_ins (
        id uuid NOT NULL CONSTRAINT pk_external_sign_ins PRIMARY KEY,
        provider_id uuid NOT NULL CONSTRAINT fk_external_sign_ins_provider_id_identity_providers
            REFERENCES identity_providers (id) ON DELETE CASCADE,
        browser bytea,
        nonce text,
        verifier bytea,
        request_id text,
        next text,
        interaction_id uuid,
        created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        expires_at timestamptz NOT NULL,
        answered_at timestamptz,
        code bytea,
        code_expires_at timestamptz,
        used_at timestamptz,
        identity_id uuid CONSTRAINT fk_external_sign_ins_identity_id_external_identities
            REFERENCES external_identities (id) ON DELETE CASCADE,
        proof jsonb,
        upstream_session bytea
    )
    """,
    "CREATE UNIQUE INDEX uq_external_sign_ins_code ON external_sign_ins (code)",
    "CREATE INDEX ix_external_sign_ins_expires_at ON external_sign_ins (expires_at)",
    """
    CREATE TABLE seen_assertions (
        provider_id uuid NOT NULL CONSTRAINT fk_seen_assertions_provider_id_identity_providers
            REFERENCES identity_providers (id) ON DELETE CASCADE,
        mark bytea NOT NULL,
        expires_at timestamptz NOT NULL,
        CONSTRAINT pk_seen_assertions PRIMARY KEY (provider_id, mark)
    )
    """,
    "CREATE INDEX ix_seen_assertions_expires_at ON seen_assertions (expires_at)",
    """
    CREATE TABLE external_sessions (
        session_id uuid NOT NULL CONSTRAINT pk_external_sessions PRIMARY KEY
            CONSTRAINT fk_external_sessions_session_id_sessions REFERENCES sessions (id) ON DELETE CASCADE,
        provider_id uuid NOT NULL CONSTRAINT fk_external_sessions_provider_id_identity_providers
            REFERENCES identity_providers (id) ON DELETE CASCADE,
        subject_mark bytea NOT NULL,
        index_mark bytea,
        details bytea NOT NULL
    )
    """,
    "CREATE INDEX ix_external_sessions_subject ON external_sessions (provider_id, subject_mark)",
)


def upgrade() -> None:
    """Run the statements in order."""
    for statement in STATEMENTS:
        op.execute(statement)
