"""Organizations."""

from alembic import op

revision = "0002"
down_revision = "0001"

STATEMENTS: tuple[str, ...] = (
    """
CREATE TABLE organization_themes (
    id uuid NOT NULL,
    domain text NOT NULL,
    support_email text,
    support_email_name text,
    is_active boolean DEFAULT true NOT NULL,
    created_by uuid,
    updated_by uuid,
    created_at timestamptz DEFAULT now() NOT NULL,
    updated_at timestamptz DEFAULT now() NOT NULL,
    CONSTRAINT pk_organization_themes PRIMARY KEY (id),
    CONSTRAINT uq_organization_themes_domain UNIQUE (domain)
)
    """,
    """
ALTER TABLE organizations ADD CONSTRAINT fk_organizations_theme_id_organization_themes
    FOREIGN KEY(theme_id) REFERENCES organization_themes (id)
    """,
    "ALTER TABLE organizations DROP COLUMN logo_url, ADD COLUMN logo_id uuid",
    "CREATE INDEX ix_organizations_theme_id ON organizations (theme_id) WHERE theme_id IS NOT NULL",
    """
CREATE TABLE logo_uploads (
    id uuid NOT NULL,
    organization_id uuid NOT NULL,
    created_by uuid,
    created_at timestamptz DEFAULT now() NOT NULL,
    CONSTRAINT pk_logo_uploads PRIMARY KEY (id),
    CONSTRAINT fk_logo_uploads_organization_id_organizations FOREIGN KEY(organization_id) REFERENCES organizations (id)
)
    """,
    "CREATE INDEX ix_logo_uploads_organization_id_id ON logo_uploads (organization_id, id)",
    """
CREATE TABLE features (
    id text NOT NULL,
    description text DEFAULT '' NOT NULL,
    stage text NOT NULL,
    global_enabled boolean DEFAULT false NOT NULL,
    assignable boolean DEFAULT false NOT NULL,
    created_by uuid,
    created_at timestamptz DEFAULT now() NOT NULL,
    updated_at timestamptz DEFAULT now() NOT NULL,
    CONSTRAINT pk_features PRIMARY KEY (id)
)
    """,
    """
CREATE TABLE organization_features (
    id uuid NOT NULL,
    feature_id text NOT NULL,
    organization_id uuid NOT NULL,
    state text NOT NULL,
    created_at timestamptz DEFAULT now() NOT NULL,
    updated_at timestamptz DEFAULT now() NOT NULL,
    CONSTRAINT pk_organization_features PRIMARY KEY (id),
    CONSTRAINT uq_organization_features_feature_id_organization_id UNIQUE (feature_id, organization_id),
    CONSTRAINT ck_organization_features_state CHECK (state IN ('enabled', 'disabled', 'dontcare')),
    CONSTRAINT fk_organization_features_feature_id_features FOREIGN KEY(feature_id) REFERENCES features (id),
    CONSTRAINT fk_organization_features_organization_id_organizations FOREIGN KEY(organization_id) REFERENCES organizations (id)
)
    """,
    "CREATE INDEX ix_organization_features_organization_id_id ON organization_features (organization_id, id)",
    """
CREATE TABLE user_features (
    id uuid NOT NULL,
    feature_id text NOT NULL,
    user_id uuid NOT NULL,
    organization_id uuid,
    state text NOT NULL,
    created_at timestamptz DEFAULT now() NOT NULL,
    updated_at timestamptz DEFAULT now() NOT NULL,
    CONSTRAINT pk_user_features PRIMARY KEY (id),
    CONSTRAINT uq_user_features_user_id_feature_id_organization_id UNIQUE NULLS NOT DISTINCT (user_id, feature_id, organization_id),
    CONSTRAINT ck_user_features_state CHECK (state IN ('enabled', 'disabled', 'dontcare')),
    CONSTRAINT fk_user_features_feature_id_features FOREIGN KEY(feature_id) REFERENCES features (id),
    CONSTRAINT fk_user_features_organization_id_organizations FOREIGN KEY(organization_id) REFERENCES organizations (id)
)
    """,
    "CREATE INDEX ix_user_features_feature_id_id ON user_features (feature_id, id)",
    "CREATE INDEX ix_user_features_organization_id_id ON user_features (organization_id, id)",
    """
CREATE TABLE feature_changes (
    id uuid NOT NULL,
    feature_id text NOT NULL,
    organization_id uuid,
    user_id uuid,
    field text NOT NULL,
    before text,
    after text,
    forced boolean DEFAULT false NOT NULL,
    changed_by text NOT NULL,
    changed_at timestamptz DEFAULT now() NOT NULL,
    CONSTRAINT pk_feature_changes PRIMARY KEY (id)
)
    """,
    "CREATE INDEX ix_feature_changes_feature_id_id ON feature_changes (feature_id, id)",
    "CREATE INDEX ix_feature_changes_user_id ON feature_changes (user_id) WHERE user_id IS NOT NULL",
    """
CREATE TABLE individual_owners (
    id uuid NOT NULL,
    individual_id uuid NOT NULL,
    owner_type text NOT NULL,
    owner_id uuid NOT NULL,
    since timestamptz NOT NULL,
    until timestamptz NOT NULL,
    changed_by uuid,
    CONSTRAINT pk_individual_owners PRIMARY KEY (id),
    CONSTRAINT fk_individual_owners_individual_id_individuals FOREIGN KEY(individual_id) REFERENCES individuals (id) ON DELETE CASCADE
)
    """,
    "CREATE INDEX ix_individual_owners_individual_id_id ON individual_owners (individual_id, id)",
    "CREATE INDEX ix_individual_owners_owner_id ON individual_owners (owner_id)",
    "ALTER TABLE individuals ADD COLUMN owned_since timestamptz DEFAULT now() NOT NULL",
    """
CREATE TABLE aggregation_requests (
    id uuid NOT NULL,
    status text NOT NULL,
    total integer NOT NULL,
    done integer DEFAULT 0 NOT NULL,
    created_by text NOT NULL,
    created_at timestamptz DEFAULT now() NOT NULL,
    finished_at timestamptz,
    CONSTRAINT pk_aggregation_requests PRIMARY KEY (id)
)
    """,
    "CREATE INDEX ix_aggregation_requests_created_by ON aggregation_requests (created_by) WHERE finished_at IS NULL",
    "CREATE INDEX ix_aggregation_requests_created_at ON aggregation_requests (created_at)",
    """
CREATE TABLE aggregation_entries (
    request_id uuid NOT NULL,
    individual_id uuid NOT NULL,
    "column" text NOT NULL,
    CONSTRAINT pk_aggregation_entries PRIMARY KEY (request_id, individual_id, "column"),
    CONSTRAINT fk_aggregation_entries_request_id_aggregation_requests FOREIGN KEY(request_id) REFERENCES aggregation_requests (id) ON DELETE CASCADE,
    CONSTRAINT fk_aggregation_entries_individual_id_individuals FOREIGN KEY(individual_id) REFERENCES individuals (id) ON DELETE CASCADE
)
    """,
    "CREATE INDEX ix_aggregation_entries_individual_id ON aggregation_entries (individual_id)",
    """
CREATE TABLE individual_aggregates (
    individual_id uuid NOT NULL,
    "column" text NOT NULL,
    value double precision,
    computed_at timestamptz NOT NULL,
    CONSTRAINT pk_individual_aggregates PRIMARY KEY (individual_id, "column"),
    CONSTRAINT fk_individual_aggregates_individual_id_individuals FOREIGN KEY(individual_id) REFERENCES individuals (id) ON DELETE CASCADE
)
    """,
)


def upgrade() -> None:
    """Run the statements in order."""
    for statement in STATEMENTS:
        op.execute(statement)
