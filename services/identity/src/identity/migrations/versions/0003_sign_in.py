"""Sign in: second factors, documents to agree to."""

from alembic import op

revision = "0003"
down_revision = "0002"

STATEMENTS: tuple[str, ...] = (
    """
    CREATE TABLE totp_configurations (
        id uuid NOT NULL CONSTRAINT pk_totp_configurations PRIMARY KEY,
        user_id uuid NOT NULL
            CONSTRAINT fk_totp_configurations_user_id_users REFERENCES users ON DELETE CASCADE,
        secret bytea NOT NULL,
        enabled boolean NOT NULL DEFAULT false,
        created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        enabled_at timestamptz,
        last_used_at timestamptz,
        last_step bigint
    )
    """,
    "CREATE INDEX ix_totp_configurations_user_id ON totp_configurations (user_id)",
    "CREATE UNIQUE INDEX uq_totp_configurations_enabled ON totp_configurations (user_id) WHERE enabled",
    """
    CREATE TABLE totp_recovery_codes (
        configuration_id uuid NOT NULL
            CONSTRAINT fk_totp_recovery_codes_configuration_id_totp_configurations
            REFERENCES totp_configurations ON DELETE CASCADE,
        mark bytea NOT NULL,
        used_at timestamptz,
        CONSTRAINT pk_totp_recovery_codes PRIMARY KEY (configuration_id, mark)
    )
    """,
    """
    CREATE TABLE service_documents (
        id uuid NOT NULL CONSTRAINT pk_service_documents PRIMARY KEY,
        organization_id uuid,
        type text NOT NULL,
        version text NOT NULL,
        locale text NOT NULL,
        title text NOT NULL,
        html text NOT NULL,
        agreement_required boolean NOT NULL DEFAULT true,
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now()
    )
    """,
    """
    CREATE UNIQUE INDEX uq_service_documents_version ON service_documents (organization_id, type, version)
           NULLS NOT DISTINCT
    """,
    """
    CREATE TABLE service_document_translations (
        document_id uuid NOT NULL
            CONSTRAINT fk_service_document_translations_document_id_service_documents
            REFERENCES service_documents ON DELETE CASCADE,
        locale text NOT NULL,
        title text NOT NULL,
        html text NOT NULL,
        CONSTRAINT pk_service_document_translations PRIMARY KEY (document_id, locale)
    )
    """,
    """
    CREATE TABLE service_document_agreements (
        user_id uuid NOT NULL
            CONSTRAINT fk_service_document_agreements_user_id_users REFERENCES users ON DELETE CASCADE,
        document_id uuid NOT NULL
            CONSTRAINT fk_service_document_agreements_document_id_service_documents REFERENCES service_documents,
        version text NOT NULL,
        occasion text NOT NULL,
        agreed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        CONSTRAINT pk_service_document_agreements PRIMARY KEY (user_id, document_id)
    )
    """,
    "CREATE INDEX ix_service_document_agreements_document_id ON service_document_agreements (document_id)",
)


def upgrade() -> None:
    """Run the statements in order."""
    for statement in STATEMENTS:
        op.execute(statement)
