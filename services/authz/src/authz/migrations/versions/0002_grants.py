"""Grants, and the attributes that authz-individuals filters by."""

from alembic import op

revision = "0002"
down_revision = "0001"

STATEMENTS: tuple[str, ...] = (
    """
CREATE TABLE access_grants (
    id uuid NOT NULL,
    organization_id uuid,
    subject_type text NOT NULL,
    subject_id uuid NOT NULL,
    resource_type text NOT NULL,
    resource_id text NOT NULL,
    operation text NOT NULL,
    expires_at timestamptz,
    condition text,
    created_by uuid,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT pk_access_grants PRIMARY KEY (id),
    CONSTRAINT ck_access_grants_subject_type CHECK (subject_type IN ('user', 'role', 'group', 'participants'))
)
""",
    "CREATE INDEX ix_access_grants_organization_id_id ON access_grants (organization_id, id)",
    "CREATE INDEX ix_access_grants_subject_id_subject_type ON access_grants (subject_id, subject_type)",
    "CREATE INDEX ix_access_grants_resource_id_resource_type ON access_grants (resource_id, resource_type)",
    "CREATE INDEX ix_access_grants_expires_at ON access_grants (expires_at) WHERE expires_at IS NOT NULL",
    """
CREATE TABLE individual_attributes (
    individual_id uuid NOT NULL,
    wanted_at timestamptz,
    first_name text,
    last_name text,
    birth_date date,
    email text,
    phone text,
    email_verified boolean NOT NULL DEFAULT false,
    phone_verified boolean NOT NULL DEFAULT false,
    registered boolean NOT NULL DEFAULT false,
    provider boolean NOT NULL DEFAULT false,
    CONSTRAINT pk_individual_attributes PRIMARY KEY (individual_id)
) WITH (fillfactor = 80)
""",
    "CREATE INDEX ix_individual_attributes_wanted_at ON individual_attributes (wanted_at) WHERE wanted_at IS NOT NULL",
    "CREATE INDEX ix_individual_attributes_last_name ON individual_attributes (last_name)",
    "CREATE INDEX ix_individual_attributes_first_name ON individual_attributes (first_name)",
    "CREATE INDEX ix_individual_attributes_birth_date ON individual_attributes (birth_date)",
    "CREATE INDEX ix_individual_attributes_email ON individual_attributes (email)",
    "CREATE INDEX ix_individual_attributes_phone ON individual_attributes (phone)",
    "INSERT INTO individual_attributes (individual_id, wanted_at) SELECT id, now() FROM individuals",
)


def upgrade() -> None:
    """Run the statements in order."""
    for statement in STATEMENTS:
        op.execute(statement)
